local ansi = require('reload_lsp.ansi')
local log = require('reload_lsp.log')
local support = require('support')

test('colors become highlights, and everything else an escape asks for is dropped', function()
  local plain, spans = ansi.parse('\27[1;31merror\27[0m: \27]8;;http://a\27\\x\27[2J\27[38;5;31mé\27[m\tz\r')
  support.same(plain, 'error: xé\tz')
  support.same(spans, { { from = 0, to = 5, group = 'ReloadAnsiRed' } })
  support.same({ ansi.parse('\27') }, { '', {} })
  support.same({ ansi.parse('a\27[') }, { 'a', {} })
end)

test('every line says whose it is', function()
  local entry = support.fixture('log').params.entries[1]
  local line, spans = log.format(entry)
  support.same(line, 'api 6 │ listening on :8080')
  support.same(spans, { { from = 0, to = 10, group = 'Comment' } })
  local task = support.fixture('getLog').result.entries[2]
  support.same((log.format(task)), 'api 3 ┆ site.scss 4:1  error')
end)

test('what was printed before and what comes meanwhile is shown once, in order', function()
  local client = require('reload_lsp.client')
  local request, answer = client.request, nil
  client.request = function(_, method, params, on_result)
    support.same(method, support.fixture('getLog').method)
    answer = function(result)
      answer = nil
      on_result(result)
    end
    return params
  end
  vim.g.reload_lsp = { log_lines = 4 }
  log.open({ id = 5 })
  local buffer = vim.api.nvim_get_current_buf()
  support.same(vim.b[buffer].reload_lsp_client, 5)
  local function entry(n, text)
    local value = support.fixture('log').params.entries[1]
    value.n, value.text = n, text or ('line %d\n'):format(n)
    return value
  end
  -- Notifications that are faster than the answer.
  log.append(5, { entries = { entry(2), entry(3) }, dropped = 0 })
  log.append(6, { entries = { entry(9) }, dropped = 0 })
  support.same(support.text(buffer), '')
  answer({ entries = { entry(1), entry(2) }, dropped = 0, next = 2 })
  answer({ entries = {}, dropped = 0, next = 2 })
  support.same(support.text(buffer), 'api 6 │ line 1\napi 6 │ line 2\napi 6 │ line 3')
  support.same(vim.api.nvim_win_get_cursor(0)[1], 3, 'it follows')
  -- Somebody reads above: the window stays there.
  vim.api.nvim_win_set_cursor(0, { 1, 0 })
  log.append(5, { entries = { entry(4, '\27[32mgreen\27[0m\n') }, dropped = 0 })
  support.same(vim.api.nvim_win_get_cursor(0)[1], 1)
  local marks = vim.api.nvim_buf_get_extmarks(buffer, -1, { 3, 0 }, { 3, -1 }, { details = true })
  support.same(marks[2][4].hl_group, 'ReloadAnsiGreen')
  log.append(5, { entries = { entry(7) }, dropped = 2 })
  support.same(
    support.text(buffer),
    'api 6 │ line 3\napi 6 │ green\n2 lines were lost\napi 6 │ line 7',
    'the newest lines are kept'
  )
  vim.cmd.bwipeout()
  log.append(5, { entries = { entry(8) }, dropped = 0 })
  vim.g.reload_lsp = nil
  client.request = request
end)
