local config = require('reload_lsp.config')
local support = require('support')

test('without options the defaults hold', function()
  vim.g.reload_lsp = nil
  local options, problems = config.load()
  support.same(options, config.DEFAULTS)
  support.same(problems, {})
end)

test('what is set wins, and a list is replaced as a whole', function()
  vim.g.reload_lsp = { cmd = { '/opt/reload-lsp' }, icons = { ready = 'R' }, server = { openUrl = true } }
  local options, problems = config.load()
  support.same(problems, {})
  support.same(options.cmd, { '/opt/reload-lsp' })
  support.same({ options.icons.ready, options.icons.paused }, { 'R', '‖' })
  support.same(require('reload_lsp.client').config().init_options.reload, { overlapFilter = true, openUrl = true })
end)

test('what is wrong is named, and the default holds', function()
  vim.g.reload_lsp = { cmd = 'reload-lsp', stale_hints = true, log_lines = 0.5, log_window = 'vsplit' }
  local options, problems = config.load()
  support.same(#problems, 3)
  support.same(options.cmd, config.DEFAULTS.cmd)
  support.same(options.log_window, 'vsplit')
  local all = table.concat(problems, '\n')
  for _, part in ipairs({ 'cmd: expected a list of strings', 'no option `stale_hints`', 'log_lines: expected a number' }) do
    assert(all:find(part, 1, true), all)
  end
  vim.g.reload_lsp = nil
end)

test('the client opts in to what the plugin shows', function()
  local capabilities = require('reload_lsp.client').config().capabilities
  support.same(capabilities.experimental.reload, { protocol = 1, status = true, log = true })
  assert(capabilities.textDocument, 'and keeps what Neovim can do')
end)
