local overlap = require('reload_lsp.overlap')
local support = require('support')

local CLIENT = 4711
local ERROR, WARNING = vim.diagnostic.severity.ERROR, vim.diagnostic.severity.WARN
local other = vim.api.nvim_create_namespace('another server')

local function lsp_diagnostic(line, column, severity, message)
  local start = { line = line, character = column }
  local range = { start = start, ['end'] = { line = line, character = column + 1 } }
  return { range = range, severity = severity, message = message, source = 'reload: gcc' }
end

local function publish(path, diagnostics)
  local context = { client_id = CLIENT, method = 'textDocument/publishDiagnostics' }
  overlap.on_publish(nil, { uri = vim.uri_from_fname(path), diagnostics = diagnostics }, context)
end

local function shown(buffer)
  local namespace = vim.lsp.diagnostic.get_namespace(CLIENT)
  local messages = vim.tbl_map(function(diagnostic)
    return diagnostic.message
  end, vim.diagnostic.get(buffer, { namespace = namespace }))
  table.sort(messages)
  return messages
end

local function project()
  local path = support.folder() .. '/main.c'
  support.write(path, ('aaaaaaaaaa\n'):rep(5))
  vim.cmd.edit(path)
  return path, vim.api.nvim_get_current_buf()
end

local function says(buffer, line, column, severity)
  local at = { lnum = line, col = column, severity = severity, message = 'theirs' }
  vim.diagnostic.set(other, buffer, { at })
end

test('what another source says at the same place is hidden, and comes back', function()
  local path, buffer = project()
  publish(path, { lsp_diagnostic(1, 2, ERROR, 'one'), lsp_diagnostic(3, 0, ERROR, 'two') })
  support.same(shown(buffer), { 'one', 'two' })
  says(buffer, 1, 2, ERROR)
  support.same(shown(buffer), { 'two' })
  -- Also when ours comes later.
  publish(path, { lsp_diagnostic(1, 2, ERROR, 'one'), lsp_diagnostic(1, 3, ERROR, 'three') })
  support.same(shown(buffer), { 'three' })
  support.same(#overlap.all(CLIENT), 2, 'the quickfix list has all')
  vim.diagnostic.reset(other, buffer)
  support.same(shown(buffer), { 'one', 'three' })
end)

test('what is strictly more severe than the other stays', function()
  local path, buffer = project()
  publish(path, { lsp_diagnostic(1, 2, ERROR, 'error') })
  says(buffer, 1, 2, WARNING)
  support.same(shown(buffer), { 'error' })
  publish(path, { lsp_diagnostic(1, 2, WARNING, 'warning') })
  support.same(shown(buffer), {})
  says(buffer, 1, 2, ERROR)
  support.same(shown(buffer), {})
end)

test('what somebody has taken away does not come back', function()
  local path, buffer = project()
  publish(path, { lsp_diagnostic(1, 2, ERROR, 'one'), lsp_diagnostic(3, 0, ERROR, 'two') })
  says(buffer, 1, 2, ERROR)
  vim.diagnostic.reset(vim.lsp.diagnostic.get_namespace(CLIENT), buffer)
  vim.diagnostic.reset(other, buffer)
  support.same(shown(buffer), {})
  for _, diagnostic in ipairs(overlap.all(CLIENT)) do
    assert(diagnostic.bufnr ~= buffer, 'nor into the quickfix list')
  end
end)

test('the quickfix list has what is hidden too, in the order of the lines', function()
  local path, buffer = project()
  publish(path, { lsp_diagnostic(3, 0, ERROR, 'two'), lsp_diagnostic(1, 2, ERROR, 'one') })
  says(buffer, 1, 2, ERROR)
  require('reload_lsp.quickfix').open({ id = CLIENT })
  local list = vim.fn.getqflist({ title = true, items = true })
  support.same(list.title, 'reload-lsp')
  local here = vim.tbl_filter(function(item)
    return item.bufnr == buffer
  end, list.items)
  support.same({ here[1].text, here[1].lnum, here[2].text }, { 'one', 2, 'two' })
  vim.cmd.cclose()
end)
