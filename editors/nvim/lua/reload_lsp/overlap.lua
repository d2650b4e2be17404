--- Hides a problem of the build where another source shows one of equal or higher severity at the same line and start
--- column; shows it again when that goes. A server cannot see what others say, so the client has to do it.
local M = {}

---@class (exact) reload_lsp.Published
---@field all vim.Diagnostic[] What the server said.
---@field hidden string Which of them are not shown.
---@field shown integer How many are.

---@type table<integer, table<integer, reload_lsp.Published>> By namespace and buffer.
local published = {}

local is_ours_to_set = false

---@param diagnostic vim.Diagnostic
---@return string
local function place(diagnostic)
  return diagnostic.lnum .. ':' .. diagnostic.col
end

---@param ours vim.Diagnostic[]
---@param others vim.Diagnostic[]
---@return vim.Diagnostic[] shown
---@return string hidden
function M.filter(ours, others)
  -- 1 is an error, 4 a hint.
  local worst = {}
  for _, other in ipairs(others) do
    local at = place(other)
    worst[at] = math.min(worst[at] or math.huge, other.severity or 1)
  end
  local shown, hidden = {}, {}
  for index, diagnostic in ipairs(ours) do
    if (worst[place(diagnostic)] or math.huge) <= (diagnostic.severity or 1) then
      table.insert(hidden, index)
    else
      table.insert(shown, diagnostic)
    end
  end
  return shown, table.concat(hidden, ' ')
end

---@param buffer integer
---@return vim.Diagnostic[]
local function of_others(buffer)
  return vim.tbl_filter(function(diagnostic)
    return published[diagnostic.namespace] == nil
  end, vim.diagnostic.get(buffer))
end

---@param namespace integer
---@param buffer integer
---@param of_buffer reload_lsp.Published
local function apply(namespace, buffer, of_buffer)
  local shown, hidden = M.filter(of_buffer.all, of_others(buffer))
  if hidden == of_buffer.hidden then
    return
  end
  of_buffer.hidden, of_buffer.shown = hidden, #shown
  is_ours_to_set = true
  vim.diagnostic.set(namespace, buffer, shown)
  is_ours_to_set = false
end

--- `textDocument/publishDiagnostics` of our server.
---@type lsp.Handler
function M.on_publish(problem, params, context, ...)
  M.watch()
  local namespace = vim.lsp.diagnostic.get_namespace(context.client_id)
  published[namespace] = published[namespace] or {}
  is_ours_to_set = true
  vim.lsp.diagnostic.on_publish_diagnostics(problem, params, context, ...)
  is_ours_to_set = false
  local buffer = vim.fn.bufnr(vim.uri_to_fname(params.uri))
  if buffer == -1 then
    return
  end
  local all = vim.diagnostic.get(buffer, { namespace = namespace })
  local of_buffer = { all = all, hidden = '', shown = #all }
  published[namespace][buffer] = of_buffer
  apply(namespace, buffer, of_buffer)
end

local is_watching = false

--- Looks again whenever another source says something.
function M.watch()
  if is_watching then
    return
  end
  is_watching = true
  vim.api.nvim_create_autocmd('DiagnosticChanged', {
    group = vim.api.nvim_create_augroup('reload_lsp.overlap', {}),
    callback = function(event)
      if is_ours_to_set then
        return
      end
      for namespace, buffers in pairs(published) do
        local of_buffer = buffers[event.buf]
        if of_buffer and #vim.diagnostic.get(event.buf, { namespace = namespace }) ~= of_buffer.shown then
          -- Somebody has taken them away, as when the client ends: they must not come back.
          buffers[event.buf] = nil
        elseif of_buffer then
          apply(namespace, event.buf, of_buffer)
        end
      end
    end,
  })
end

--- Everything a client's server said, also what is hidden.
---@param client_id integer
---@return vim.Diagnostic[]
function M.all(client_id)
  local namespace = vim.lsp.diagnostic.get_namespace(client_id)
  if not published[namespace] then
    return vim.diagnostic.get(nil, { namespace = namespace })
  end
  local all = {}
  for _, of_buffer in pairs(published[namespace]) do
    vim.list_extend(all, of_buffer.all)
  end
  return all
end

return M
