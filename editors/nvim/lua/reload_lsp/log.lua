--- What builds, tasks and services print, in a buffer that follows.
local ansi = require('reload_lsp.ansi')
local client = require('reload_lsp.client')
local config = require('reload_lsp.config')
local protocol = require('reload_lsp.protocol')

local M = {}

local namespace = vim.api.nvim_create_namespace('reload_lsp.log')
local MARKS = { run = '│', build = '┆', task = '┆', reload = '●' }

---@class (exact) reload_lsp.LogBuffer
---@field client_id integer
---@field service? string
---@field last integer The number of the last line that is in it.
---@field waiting? reload_lsp.Log[] What came while older lines were being fetched.

---@type table<integer, reload_lsp.LogBuffer>
local open = {}

---@param entry reload_lsp.Entry
---@return string line
---@return reload_lsp.Span[] spans
function M.format(entry)
  local text, spans = ansi.parse((entry.text:gsub('[\r\n]+$', '')))
  local prefix = ('%s %d %s '):format(entry.service:gsub('%c', ' '), entry.generation, MARKS[entry.from] or '·')
  for _, span in ipairs(spans) do
    span.from, span.to = span.from + #prefix, span.to + #prefix
  end
  table.insert(spans, 1, { from = 0, to = #prefix, group = 'Comment' })
  return prefix .. text, spans
end

---@param buffer integer
---@param lines string[]
---@param spans reload_lsp.Span[][]
local function write(buffer, lines, spans)
  local followers = vim.tbl_filter(function(window)
    return vim.api.nvim_win_get_cursor(window)[1] == vim.api.nvim_buf_line_count(buffer)
  end, vim.fn.win_findbuf(buffer))
  local count = vim.api.nvim_buf_line_count(buffer)
  local is_empty = count == 1 and vim.api.nvim_buf_get_lines(buffer, 0, 1, false)[1] == ''
  local first = is_empty and 0 or count
  vim.bo[buffer].modifiable = true
  vim.api.nvim_buf_set_lines(buffer, first, -1, false, lines)
  for index, of_line in ipairs(spans) do
    for _, span in ipairs(of_line) do
      local mark = { end_col = span.to, hl_group = span.group }
      vim.api.nvim_buf_set_extmark(buffer, namespace, first + index - 1, span.from, mark)
    end
  end
  local excess = vim.api.nvim_buf_line_count(buffer) - config.get().log_lines
  if excess > 0 then
    vim.api.nvim_buf_set_lines(buffer, 0, excess, false, {})
  end
  vim.bo[buffer].modifiable = false
  for _, window in ipairs(followers) do
    vim.api.nvim_win_set_cursor(window, { vim.api.nvim_buf_line_count(buffer), 0 })
  end
end

---@param buffer integer
---@param log reload_lsp.Log
local function add(buffer, log)
  local state = open[buffer]
  local lines, spans = {}, {}
  if log.dropped > 0 and state.last > 0 then
    table.insert(lines, ('%d lines were lost'):format(log.dropped))
    table.insert(spans, {})
  end
  for _, entry in ipairs(log.entries) do
    if entry.n > state.last then
      state.last = entry.n
      if not state.service or entry.service == state.service then
        local line, of_line = M.format(entry)
        table.insert(lines, line)
        table.insert(spans, of_line)
      end
    end
  end
  if #lines > 0 then
    write(buffer, lines, spans)
  end
end

--- `reload/log`: goes to the buffers that are open.
---@param client_id integer
---@param log reload_lsp.Log
function M.append(client_id, log)
  for buffer, state in pairs(open) do
    if state.client_id == client_id and state.waiting then
      table.insert(state.waiting, log)
    elseif state.client_id == client_id then
      add(buffer, log)
    end
  end
end

--- Fetches what was printed before the buffer was there, page by page.
---@param of vim.lsp.Client
---@param buffer integer
local function fetch(of, buffer)
  local state = open[buffer]
  local params = { after = state.last, service = state.service }
  client.request(of, protocol.GET_LOG, params, function(log)
    if not open[buffer] then
      return
    end
    local before = state.last
    add(buffer, log)
    state.last = math.max(state.last, log.next)
    if state.last > before then
      return fetch(of, buffer)
    end
    local waiting = state.waiting or {}
    state.waiting = nil
    for _, later in ipairs(waiting) do
      add(buffer, later)
    end
  end)
end

---@param of vim.lsp.Client
---@param service? string
---@return integer buffer
local function create(of, service)
  local buffer = vim.api.nvim_create_buf(false, true)
  vim.bo[buffer].bufhidden = 'wipe'
  vim.bo[buffer].modifiable = false
  vim.bo[buffer].filetype = 'reload-log'
  vim.b[buffer].reload_lsp_client = of.id
  vim.api.nvim_buf_set_name(buffer, ('reload://%d/%s'):format(of.id, service or 'log'))
  open[buffer] = { client_id = of.id, service = service, last = 0, waiting = {} }
  vim.api.nvim_create_autocmd('BufWipeout', {
    buffer = buffer,
    callback = function()
      open[buffer] = nil
    end,
  })
  return buffer
end

--- Opens the log of all services, or of one.
---@param of vim.lsp.Client
---@param service? string
function M.open(of, service)
  ansi.define_highlights()
  for buffer, state in pairs(open) do
    local window = vim.fn.bufwinid(buffer)
    if state.client_id == of.id and state.service == service and window ~= -1 then
      return vim.api.nvim_set_current_win(window)
    end
  end
  local buffer = create(of, service)
  vim.cmd(config.get().log_window)
  vim.api.nvim_win_set_buf(0, buffer)
  vim.wo[0][0].wrap = false
  vim.wo[0][0].number = false
  fetch(of, buffer)
end

return M
