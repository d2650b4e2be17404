--- What a person has set: the defaults with `vim.g.reload_lsp` over them.
local M = {}

---@class (exact) reload_lsp.Options
---@field cmd string[] How the server is started.
---@field root_markers string[] A file of a project is in or below a folder that has one of these.
---@field overlap_filter boolean Hide a problem of the build where another source shows one at the same place.
---@field stale_hint boolean Say in the buffer that what runs is older than the sources.
---@field log_window string The command that opens the window of the log.
---@field log_lines integer How many lines of it are kept.
---@field icons table<reload_lsp.State | 'unknown', string> For the statusline.
---@field server table More of `initializationOptions.reload`, as the server's README names it.

---@type reload_lsp.Options
M.DEFAULTS = {
  cmd = { 'reload-lsp', '--stdio' },
  root_markers = { 'reload.toml' },
  overlap_filter = true,
  stale_hint = false,
  log_window = 'botright 12split',
  log_lines = 10000,
  icons = {
    untrusted = '?',
    misconfigured = '✗',
    paused = '‖',
    building = '…',
    buildFailed = '✗',
    crashed = '✗',
    restarting = '…',
    starting = '…',
    ready = '✓',
    finished = '✓',
    stopped = '■',
    idle = '·',
    unknown = '·',
  },
  server = {},
}

local function is_list_of_strings(value)
  if type(value) ~= 'table' or #value == 0 then
    return false
  end
  return vim.iter(value):all(function(item)
    return type(item) == 'string'
  end)
end

local function is_lines(value)
  return type(value) == 'number' and value >= 1 and value % 1 == 0
end

local VALIDATORS = {
  cmd = { is_list_of_strings, 'a list of strings' },
  root_markers = { is_list_of_strings, 'a list of strings' },
  overlap_filter = { 'boolean' },
  stale_hint = { 'boolean' },
  log_window = { 'string' },
  log_lines = { is_lines, 'a number of lines' },
  icons = { 'table' },
  server = { 'table' },
}

local function validate(name, value)
  local validator, expected = unpack(VALIDATORS[name])
  if vim.fn.has('nvim-0.11') == 1 then
    vim.validate(name, value, validator, expected)
  else
    vim.validate({ [name] = { value, validator, expected } })
  end
end

--- The options, and what is wrong with what was set: that counts as not set.
---@return reload_lsp.Options options
---@return string[] problems
function M.load()
  local set, problems = vim.g.reload_lsp or {}, {}
  if type(set) ~= 'table' then
    return vim.deepcopy(M.DEFAULTS), { 'vim.g.reload_lsp is not a table' }
  end
  local good = {}
  for name, value in pairs(set) do
    local is_known = VALIDATORS[name] ~= nil
    local is_valid, why = true, nil
    if is_known then
      is_valid, why = pcall(validate, name, value)
    end
    if is_known and is_valid then
      good[name] = value
    else
      table.insert(problems, ('vim.g.reload_lsp: %s'):format(why or ('there is no option `%s`'):format(name)))
    end
  end
  table.sort(problems)
  local options = vim.tbl_deep_extend('force', M.DEFAULTS, good)
  -- A list is replaced as a whole.
  options.cmd = good.cmd or M.DEFAULTS.cmd
  options.root_markers = good.root_markers or M.DEFAULTS.root_markers
  return options, problems
end

---@return reload_lsp.Options
function M.get()
  return (M.load())
end

return M
