local config = require('reload_lsp.config')
local protocol = require('reload_lsp.protocol')
local render = require('reload_lsp.statusline').render
local support = require('support')

local function status(change)
  local value = protocol.without_null(support.fixture('status').params)
  change(value, value.services[1])
  return render(value, config.DEFAULTS.icons)
end

test('a failed build says how many errors, and that the old run goes on', function()
  support.same(status(function() end), '✗ 3 errors, old one runs')
  support.same(
    status(function(_, service)
      service.build.errors, service.stale = 1, false
    end),
    '✗ 1 error'
  )
end)

test('ready says how long the reload took', function()
  support.same(
    status(function(whole, service)
      whole.state, service.state, service.stale = 'ready', 'ready', false
    end),
    '✓ ready 760 ms'
  )
end)

test('of several services the one that decides is named', function()
  support.same(
    status(function(whole, service)
      local web = vim.tbl_extend('force', service, { name = 'web', state = 'ready', stale = false })
      table.insert(whole.services, 1, web)
    end),
    '✗ api 3 errors, old one runs'
  )
end)

test('commands that nobody has allowed are told beside whatever runs', function()
  local untrusted = support.fixture('getStatus').result.statuses[1]
  support.same(render(untrusted, config.DEFAULTS.icons), '? :Reload allow')
  untrusted.trust.state = 'denied'
  support.same(render(untrusted, config.DEFAULTS.icons), '? not allowed')
  support.same(
    status(function(whole, service)
      whole.state, service.state, service.stale = 'ready', 'ready', false
      whole.trust.state = 'asking'
    end),
    '✓ ready 760 ms, :Reload allow'
  )
end)

test('a word that nobody knows is shown as unknown', function()
  support.same(
    status(function(whole)
      whole.state = 'dreaming'
    end),
    '· unknown'
  )
end)

test('a name is no format of the statusline', function()
  local text = status(function(whole, service)
    service.name = '%{system("x")}\n'
    table.insert(whole.services, vim.tbl_extend('force', service, { state = 'ready' }))
  end)
  support.same(text, '✗ %%{system("x")} 3 errors, old one runs')
  support.same(vim.api.nvim_eval_statusline(text, {}).str, '✗ %{system("x")} 3 errors, old one runs')
end)

test('the component of lualine shows the same', function()
  local Base = {}
  function Base:extend()
    return setmetatable({}, { __index = self })
  end
  package.loaded['lualine.component'] = Base
  local component = require('lualine.components.reload_lsp')
  support.same(component:update_status(), '')
  local plugin = require('reload_lsp')
  plugin.status = function()
    return '✓ ready'
  end
  support.same(component:update_status(), '✓ ready')
end)
