--- `:Reload`: one table of what can be said, with completion.
local client = require('reload_lsp.client')
local config = require('reload_lsp.config')
local handlers = require('reload_lsp.handlers')
local protocol = require('reload_lsp.protocol')

local M = {}

---@class (exact) reload_lsp.Subcommand
---@field argument? 'service' | 'file'
---@field starts? boolean Whether it starts the server where none is.
---@field run fun(of: vim.lsp.Client, argument?: string)

---@param message string
---@param level? integer
local function say(message, level)
  vim.notify('reload-lsp: ' .. message, level or vim.log.levels.INFO)
end

---@param method string
---@return fun(of: vim.lsp.Client, service?: string)
local function asks_for(method)
  return function(of, service)
    client.request(of, method, { service = service })
  end
end

---@param of vim.lsp.Client
local function status(of)
  local lines = {}
  for _, one in ipairs(handlers.statuses(of)) do
    table.insert(lines, ('%s: %s'):format(vim.uri_to_fname(one.root), one.message))
    for _, service in ipairs(one.services) do
      local icons = config.get().icons
      table.insert(lines, ('  %s %s: %s'):format(icons[service.state] or icons.unknown, service.name, service.message))
      vim.list_extend(lines, service.run and service.run.urls or {})
    end
    vim.list_extend(lines, one.errors)
    table.insert(lines, one.watch.degraded)
  end
  vim.api.nvim_echo({ { #lines > 0 and table.concat(lines, '\n') or 'reload-lsp: nothing is known yet' } }, true, {})
end

---@param of vim.lsp.Client
---@param file? string
local function explain(of, file)
  local path = vim.fn.fnamemodify(file or vim.api.nvim_buf_get_name(0), ':p')
  client.request(of, protocol.EXPLAIN, { uri = vim.uri_from_fname(path) }, function(explanation)
    vim.api.nvim_echo({ { explanation.text } }, true, {})
  end)
end

---@param of vim.lsp.Client
---@param wanted? string
local function open(of, wanted)
  for _, one in ipairs(handlers.statuses(of)) do
    for _, service in ipairs(one.services) do
      local url = service.run and service.run.urls[1]
      -- Nothing but a page: what a service says is not to be trusted with more.
      if url and url:match('^https?://') and (not wanted or service.name == wanted) then
        vim.ui.open(url)
        return
      end
    end
  end
  say('no service has a page now', vim.log.levels.WARN)
end

---@param of vim.lsp.Client
local function allow(of)
  local statuses = handlers.statuses(of)
  if #statuses == 0 then
    return handlers.ask_when_known(of.id)
  end
  for _, one in ipairs(statuses) do
    require('reload_lsp.trust').ask(of, one)
  end
end

---@type table<string, reload_lsp.Subcommand>
M.SUBCOMMANDS = {
  build = { argument = 'service', starts = true, run = asks_for(protocol.BUILD) },
  restart = { argument = 'service', starts = true, run = asks_for(protocol.RESTART) },
  stop = { argument = 'service', run = asks_for(protocol.STOP) },
  start = { argument = 'service', starts = true, run = asks_for(protocol.START) },
  pause = { argument = 'service', run = asks_for(protocol.PAUSE) },
  resume = { argument = 'service', run = asks_for(protocol.RESUME) },
  status = { run = status },
  log = {
    argument = 'service',
    run = function(of, service)
      require('reload_lsp.log').open(of, service)
    end,
  },
  explain = { argument = 'file', run = explain },
  open = { argument = 'service', run = open },
  allow = { starts = true, run = allow },
  quickfix = {
    run = function(of)
      require('reload_lsp.quickfix').open(of)
    end,
  },
}

--- Starts what somebody wants to control: a new session builds and starts by itself, as soon as it may.
---@param name string
local function start(name)
  local is_project, id = client.attach_on_request(vim.api.nvim_get_current_buf())
  if not is_project then
    say('this file is in no project (help: write a reload.toml)', vim.log.levels.ERROR)
  elseif id and name == 'allow' then
    handlers.ask_when_known(id)
  end
end

---@param arguments string[]
function M.run(arguments)
  local name, argument = arguments[1] or 'status', arguments[2]
  local subcommand = M.SUBCOMMANDS[name]
  if not subcommand then
    local known = table.concat(vim.fn.sort(vim.tbl_keys(M.SUBCOMMANDS)), ', ')
    return say(('there is no `%s` (help: there are %s)'):format(name, known), vim.log.levels.ERROR)
  end
  if #arguments > (subcommand.argument and 2 or 1) then
    return say(('`%s` takes no more arguments'):format(name), vim.log.levels.ERROR)
  end
  local of = client.meant()
  if of then
    return subcommand.run(of, argument)
  end
  if #vim.lsp.get_clients({ name = client.NAME }) > 1 then
    say('several projects are open (help: go to a file of the one you mean)', vim.log.levels.ERROR)
  elseif subcommand.starts then
    start(name)
  else
    say('it does not run here (help: `:Reload start` starts it)', vim.log.levels.WARN)
  end
end

---@param lead string
---@param line string
---@return string[]
function M.complete(lead, line)
  local words = vim.split(vim.trim(line:match('Re%a*!?%s+(.*)$') or ''), '%s+', { trimempty = true })
  local before = lead == '' and #words or #words - 1
  local candidates = {}
  if before == 0 then
    candidates = vim.tbl_keys(M.SUBCOMMANDS)
  elseif before == 1 and M.SUBCOMMANDS[words[1]] then
    local kind = M.SUBCOMMANDS[words[1]].argument
    if kind == 'file' then
      return vim.fn.getcompletion(lead, 'file')
    end
    for _, one in ipairs(kind and handlers.statuses(client.meant()) or {}) do
      for _, service in ipairs(one.services) do
        table.insert(candidates, service.name)
      end
    end
  end
  table.sort(candidates)
  return vim.tbl_filter(function(candidate)
    return vim.startswith(candidate, lead)
  end, candidates)
end

return M
