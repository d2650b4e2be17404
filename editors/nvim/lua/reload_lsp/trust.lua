--- The question whether a project's commands may run.
---
--- It is asked when a person says `:Reload allow`, never by itself: a question in the middle of typing would take the next
--- key for its answer.
local client = require('reload_lsp.client')
local protocol = require('reload_lsp.protocol')

local M = {}

local DECISIONS = { 'allow', 'onlyNow', 'never' }

--- The exact commands; of a changed plan, what was and what is new.
---@param status reload_lsp.Status
---@return string
function M.question(status)
  local root, trust = vim.uri_to_fname(status.root), status.trust
  if not trust.before then
    return ('Allow these commands in %s?\n%s'):format(root, table.concat(trust.commands, '\n'))
  end
  local lines = {}
  for _, command in ipairs(trust.before) do
    if not vim.list_contains(trust.commands, command) then
      table.insert(lines, '- ' .. command)
    end
  end
  for _, command in ipairs(trust.commands) do
    table.insert(lines, (vim.list_contains(trust.before, command) and '  ' or '+ ') .. command)
  end
  return ('Allow the changed commands in %s?\n%s'):format(root, table.concat(lines, '\n'))
end

--- Shows the commands, and tells the server what somebody decided about exactly these.
---@param of vim.lsp.Client
---@param status reload_lsp.Status
function M.ask(of, status)
  if not status.trust.plan then
    return vim.notify('reload-lsp: nothing waits to be allowed')
  end
  local choice = vim.fn.confirm(M.question(status), '&Allow\n&Only now\n&Never', 0, 'Question')
  local decision = DECISIONS[choice]
  if decision then
    client.request(of, protocol.ALLOW, { plan = status.trust.plan, decision = decision })
  end
end

--- The server asks as soon as it has read the project. No answer is no.
---@param params lsp.ShowMessageRequestParams
---@param context lsp.HandlerContext
---@return any answer
function M.asked_by_server(params, context)
  local is_about_trust = vim.iter(params.actions or {}):any(function(action)
    return action.title == 'Allow'
  end)
  if not is_about_trust then
    return vim.lsp.handlers['window/showMessageRequest'](nil, params, context)
  end
  local of = vim.lsp.get_client_by_id(context.client_id)
  local root = of and of.config.root_dir
  local name = type(root) == 'string' and vim.fs.basename(root) or 'this project'
  vim.notify(('reload-lsp may not run the commands of %s yet: :Reload allow'):format(name), vim.log.levels.WARN)
  return vim.NIL
end

return M
