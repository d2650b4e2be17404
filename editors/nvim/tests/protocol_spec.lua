local protocol = require('reload_lsp.protocol')
local support = require('support')

test('the methods and the opt-in are those of the server', function()
  local fixture = support.fixture('optIn')
  support.same(protocol.OPT_IN, fixture.client)
  local known = {}
  for name, value in pairs(protocol) do
    if type(value) == 'string' and name:match('^%u') then
      table.insert(known, value)
    end
  end
  table.sort(known)
  table.sort(fixture.server.methods)
  support.same(known, fixture.server.methods)
end)

test('every subcommand that asks for something sends what the fixture says', function()
  local command, client = require('reload_lsp.command'), require('reload_lsp.client')
  local sent
  local request = client.request
  client.request = function(_, method, params)
    sent = { method = method, params = params }
  end
  for _, name in ipairs({ 'build', 'restart', 'start', 'stop' }) do
    local fixture = support.fixture(name)
    command.SUBCOMMANDS[name].run({}, 'api')
    -- Building first is what `:Reload build` is for.
    fixture.params.build = nil
    support.same(sent, { method = fixture.method, params = fixture.params })
  end
  for _, name in ipairs({ 'pause', 'resume' }) do
    command.SUBCOMMANDS[name].run({})
    support.same(sent.method, support.fixture(name).method)
    support.same(sent.params, support.fixture(name).params)
  end
  local explain = support.fixture('explain')
  command.SUBCOMMANDS.explain.run({}, vim.uri_to_fname(explain.params.uri))
  support.same(sent, { method = explain.method, params = explain.params })

  local confirm = vim.fn.confirm
  vim.fn.confirm = function()
    return 2
  end
  local allow, status = support.fixture('allow'), support.fixture('getStatus').result.statuses[1]
  require('reload_lsp.trust').ask({}, status)
  support.same(sent, { method = allow.method, params = allow.params })
  -- Escape is no answer, and no answer is no.
  sent = nil
  vim.fn.confirm = function()
    return 0
  end
  require('reload_lsp.trust').ask({}, status)
  support.same(sent, nil)
  vim.fn.confirm, client.request = confirm, request
end)

test('a refusal is shown with what helps', function()
  local said = support.notifications()
  local results = {}
  local function request(answer)
    local fake = {}
    fake.request = function(...)
      for _, argument in ipairs({ ... }) do
        if type(argument) == 'function' then
          argument(unpack(answer, 1, 2))
        end
      end
    end
    require('reload_lsp.client').request(fake, protocol.RESTART, { service = 'ap' }, function(result)
      table.insert(results, result)
    end)
  end
  request({ support.fixture('error'), nil })
  support.same(said, { 'reload-lsp: there is no service `ap` (help: there are api, web)' })
  support.same(results, {})
  request({ nil, support.fixture('restart').result })
  support.same({ #said, results }, { 1, { { accepted = true, generation = 7 } } })
end)

test('a question that is not about trust is asked as ever', function()
  local default = vim.lsp.handlers['window/showMessageRequest']
  vim.lsp.handlers['window/showMessageRequest'] = function(_, params)
    return params.actions[1]
  end
  local said = support.notifications()
  local ask = require('reload_lsp.handlers').methods()['window/showMessageRequest']
  local context = { client_id = 78, method = 'window/showMessageRequest' }
  local function answer_to(...)
    local actions = vim.tbl_map(function(title)
      return { title = title }
    end, { ... })
    return ask(nil, { type = 2, message = 'a\nb', actions = actions }, context)
  end
  support.same(answer_to('Again'), { title = 'Again' })
  support.same(#said, 0)
  support.same(answer_to('Allow', 'Only now', 'Never'), vim.NIL)
  support.same(#said, 1)
  vim.lsp.handlers['window/showMessageRequest'] = default
end)

test('a changed plan is shown with its difference', function()
  local status = support.fixture('getStatus').result.statuses[1]
  local question = require('reload_lsp.trust').question(status)
  support.same(vim.split(question, '\n'), {
    'Allow the changed commands in /w/new?',
    '- api: go build -o {out} .',
    '+ api: go build -o {out} ./cmd/api',
    '+ api: {out} --config dev.yaml',
  })
end)

test('a status is kept, told as an event, and never replaced by an older one', function()
  local handlers = require('reload_lsp.handlers')
  local told = {}
  vim.api.nvim_create_autocmd('User', {
    pattern = 'ReloadStatus',
    callback = function(event)
      table.insert(told, event.data)
    end,
  })
  local on_status = handlers.methods()['reload/status']
  local context = { client_id = 77, method = 'reload/status' }
  on_status(nil, support.fixture('status').params, context)
  local older = support.fixture('status').params
  older.seq = 41
  on_status(nil, older, context)
  support.same(#told, 1)
  support.same(told[1].client_id, 77)
  support.same(told[1].status.seq, 42)
  support.same(told[1].status.services[1].build.first[1].message, 'undefined: foo')
  support.same(told[1].status.watch.degraded, nil, 'what is null is not there')
  support.same(handlers.statuses({ id = 77 })[1].root, 'file:///w/shop')
  handlers.forget(77)
  support.same(told[2], { client_id = 77 })
  support.same(handlers.statuses({ id = 77 }), {})
end)
