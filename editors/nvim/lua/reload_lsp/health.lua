--- `:checkhealth reload_lsp`. Also understood by versions of Neovim that are too old for the rest.
local M = {}

local health = vim.health or require('health')
local begin = health.start or health.report_start
local ok = health.ok or health.report_ok
local info = health.info or health.report_info
local warn = health.warn or health.report_warn
local fail = health.error or health.report_error

---@param options reload_lsp.Options
local function check_program(options)
  local program = options.cmd[1]
  local path = vim.fn.exepath(program)
  if path == '' then
    fail(('`%s` cannot be found'):format(program), { 'install it, or set `cmd` in `vim.g.reload_lsp`' })
    return
  end
  local has_run, result = pcall(function()
    return vim.system({ path, '--version' }, { text = true }):wait(10000)
  end)
  if has_run and result.code == 0 then
    ok(('%s: %s'):format(path, vim.trim(result.stdout)))
  else
    fail(('`%s --version` fails'):format(path), { 'is it reload-lsp?' })
  end
end

---@param status reload_lsp.Status
local function check_status(status)
  local is_bad = vim.list_contains({ 'buildFailed', 'crashed', 'misconfigured', 'untrusted' }, status.state)
  local report = is_bad and warn or ok
  report(('%s: %s: %s'):format(vim.uri_to_fname(status.root), status.state, status.message))
  if status.trust.state == 'allowed' then
    ok('the commands are allowed')
  else
    warn('the commands are not allowed: ' .. status.trust.state, { ':Reload allow shows them and asks' })
  end
  for _, problem in ipairs(status.errors) do
    fail(problem)
  end
  local watch = status.watch
  if watch.degraded then
    warn('some changes are seen late or not at all: ' .. watch.degraded)
  else
    ok(('watched: %s, %d directories'):format(watch.mode, watch.directories))
  end
end

local function check_clients()
  local client = require('reload_lsp.client')
  local is_enabled = vim.g.reload_lsp_enabled or (vim.lsp.is_enabled and vim.lsp.is_enabled(client.NAME))
  if is_enabled then
    ok('enabled')
  else
    warn('not enabled', { "`vim.lsp.enable('reload_lsp')`, or `require('reload_lsp').enable()` on Neovim 0.10" })
  end
  local clients = vim.lsp.get_clients({ name = client.NAME })
  if #clients == 0 then
    info('no server runs: open a file of a project that has a reload.toml, or say `:Reload start` in any other')
  end
  for _, one in ipairs(clients) do
    begin('reload_lsp: server ' .. one.id)
    ok(('attached to %d buffers'):format(vim.tbl_count(one.attached_buffers)))
    local statuses = require('reload_lsp.handlers').statuses(one)
    vim.iter(statuses):each(check_status)
    if #statuses == 0 then
      warn('it has told nothing yet')
    end
  end
end

function M.check()
  begin('reload_lsp')
  if vim.fn.has('nvim-0.10') == 0 then
    fail(
      'Neovim 0.10 or newer is needed',
      { 'this one is too old for the plugin; the server itself works with any client' }
    )
    return
  end
  ok('Neovim ' .. tostring(vim.version()))
  local options, problems = require('reload_lsp.config').load()
  for _, problem in ipairs(problems) do
    fail(problem)
  end
  if #problems == 0 then
    ok('vim.g.reload_lsp is right')
  end
  check_program(options)
  check_clients()
end

return M
