--- What the server tells: keeps the latest status of every project, and says `User ReloadStatus`.
local protocol = require('reload_lsp.protocol')

local M = {}

---@type table<integer, table<string, reload_lsp.Status>> By client and root.
local latest = {}

--- Somebody has asked to be asked, before there was anything to ask.
---@type table<integer, boolean>
local asked_for = {}

---@param client_id integer
---@param status? reload_lsp.Status nil when the server is gone.
local function tell(client_id, status)
  require('reload_lsp.stale').show(client_id, status)
  local data = { client_id = client_id, status = status }
  vim.api.nvim_exec_autocmds('User', { pattern = 'ReloadStatus', modeline = false, data = data })
  vim.cmd.redrawstatus({ bang = true })
end

---@param status reload_lsp.Status
---@param context lsp.HandlerContext
local function on_status(_, status, context)
  status = protocol.without_null(status)
  local id = context.client_id
  local of_client = latest[id] or {}
  latest[id] = of_client
  local before = of_client[status.root]
  if before and before.seq >= status.seq then
    return
  end
  of_client[status.root] = status
  tell(id, status)
  local is_allowed = status.trust.state == 'allowed'
  -- The first status may be from before anything was read.
  local is_known = not is_allowed or #status.services > 0 or #status.errors > 0
  if asked_for[id] and is_known then
    asked_for[id] = nil
    require('reload_lsp.trust').ask(assert(vim.lsp.get_client_by_id(id)), status)
  end
end

---@param log reload_lsp.Log
---@param context lsp.HandlerContext
local function on_log(_, log, context)
  require('reload_lsp.log').append(context.client_id, protocol.without_null(log))
end

---@param params lsp.ShowMessageRequestParams
---@param context lsp.HandlerContext
local function on_question(_, params, context)
  return require('reload_lsp.trust').asked_by_server(params, context)
end

--- The handlers of the client.
---@return table<string, lsp.Handler>
function M.methods()
  local methods = {
    [protocol.STATUS] = on_status,
    [protocol.LOG] = on_log,
    ['window/showMessageRequest'] = on_question,
  }
  if require('reload_lsp.config').get().overlap_filter then
    methods['textDocument/publishDiagnostics'] = require('reload_lsp.overlap').on_publish
  end
  return methods
end

--- Asks about the commands of a project as soon as they are known.
---@param client_id integer
function M.ask_when_known(client_id)
  asked_for[client_id] = true
end

--- The server is gone, and what it said holds no longer.
---@param client_id integer
function M.forget(client_id)
  latest[client_id] = nil
  asked_for[client_id] = nil
  tell(client_id, nil)
end

--- The latest status of each root of a client, in the order of their names.
---@param client? vim.lsp.Client
---@return reload_lsp.Status[]
function M.statuses(client)
  local statuses = client and vim.tbl_values(latest[client.id] or {}) or {}
  table.sort(statuses, function(a, b)
    return a.root < b.root
  end)
  return statuses
end

return M
