local command = require('reload_lsp.command')
local support = require('support')

local function complete(line)
  return vim.fn.getcompletion(line, 'cmdline')
end

test('subcommands are completed', function()
  support.same(complete('Reload st'), { 'start', 'status', 'stop' })
  support.same(#complete('Reload '), vim.tbl_count(command.SUBCOMMANDS))
  support.same(complete('Reload status '), {})
end)

test('names of services are completed', function()
  local client, handlers = require('reload_lsp.client'), require('reload_lsp.handlers')
  local meant = client.meant
  client.meant = function()
    return { id = 3 }
  end
  handlers.methods()['reload/status'](nil, support.fixture('status').params, { client_id = 3 })
  support.same(complete('Reload restart '), { 'api' })
  support.same(complete('Reload log a'), { 'api' })
  support.same(complete('Reload log b'), {})
  handlers.forget(3)
  client.meant = meant
end)

test('a mistake is said, and nothing else happens', function()
  local said = support.notifications()
  vim.cmd.Reload('rebuild')
  vim.cmd.Reload({ args = { 'stop', 'api', 'web' } })
  vim.cmd.Reload('stop')
  vim.cmd.Reload('build')
  assert(said[1]:find('there is no `rebuild` (help: there are allow, build', 1, true), said[1])
  assert(said[2]:find('`stop` takes no more arguments', 1, true), said[2])
  assert(said[3]:find('does not run here', 1, true), said[3])
  assert(said[4]:find('in no project', 1, true), said[4])
  support.same(#said, 4)
end)

test('every subcommand has a mapping, and none takes a key by itself', function()
  for name in pairs(command.SUBCOMMANDS) do
    assert(
      vim.fn.maparg(('<Plug>(reload-%s)'):format(name), 'n') ~= ''
        or vim.fn.maparg(('<Plug>(reload-%s)'):format(name), 'n', false, true).callback,
      name
    )
  end
  for _, mapping in ipairs(vim.api.nvim_get_keymap('n')) do
    assert(not (mapping.desc or ''):find('reload%-lsp') or mapping.lhs:find('<Plug>', 1, true), mapping.lhs)
  end
end)
