-- Runs one file of tests: nvim --clean --headless -l runner.lua FILE. A test is `test(name, function)`.
-- Where `is_story` is set, each test goes on where the one before ended.
local here = vim.fs.dirname(vim.fn.fnamemodify(debug.getinfo(1, 'S').source:sub(2), ':p'))
dofile(here .. '/minimal_init.lua')
package.path = here .. '/?.lua;' .. package.path

local tests = {}
function _G.test(name, body)
  table.insert(tests, { name = name, body = body })
end
dofile(arg[1])

local failed = 0
for number, case in ipairs(tests) do
  local passed, message
  if failed > 0 and _G.is_story then
    passed, message = false, 'not told: what came before failed'
  else
    passed, message = xpcall(case.body, debug.traceback)
  end
  failed = failed + (passed and 0 or 1)
  io.stdout:write(('%s %d - %s\n'):format(passed and 'ok' or 'not ok', number, case.name))
  if not passed then
    local snapshot = _G.is_story and vim.inspect(require('reload_lsp').snapshot()) or ''
    io.stdout:write('# ' .. (tostring(message) .. '\n' .. snapshot):gsub('\n', '\n# ') .. '\n')
  end
end
io.stdout:write(('# pass %d\n# fail %d\n'):format(#tests - failed, failed))
for _, client in ipairs(vim.lsp.get_clients()) do
  vim.lsp.stop_client(client.id)
end
vim.wait(5000, function()
  return #vim.lsp.get_clients() == 0
end, 10)
os.exit(failed == 0 and 0 or 1)
