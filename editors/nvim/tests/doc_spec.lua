local support = require('support')

local help = table.concat(vim.fn.readfile(support.HERE .. '/../doc/reload_lsp.txt'), '\n')
local readme = table.concat(vim.fn.readfile(support.HERE .. '/../README.md'), '\n')

local function section(from, to)
  return assert(help:match('\n' .. from .. '(.-)\n' .. to), from)
end

test('every subcommand and its mapping is in the help', function()
  local commands = section('3%. COMMANDS', '4%. OPTIONS')
  for name in pairs(require('reload_lsp.command').SUBCOMMANDS) do
    assert(commands:find('\n    ' .. name .. '[ \n]'), name)
    assert(commands:find(('<Plug>(reload-%s)'):format(name), 1, true), name)
  end
end)

test('every option is in the help and in the README', function()
  local options = section('4%. OPTIONS', '5%. LUA')
  for name in pairs(require('reload_lsp.config').DEFAULTS) do
    assert(options:find('\n      ' .. name .. ' = '), name)
    assert(options:find('\n    ' .. name .. '  '), name)
    assert(readme:find(('| `%s` |'):format(name), 1, true), name)
  end
  for state in pairs(require('reload_lsp.config').DEFAULTS.icons) do
    assert(options:find(state, 1, true), state)
  end
end)

test('every function is in the help, and no other', function()
  local functions = section('5%. LUA', '6%. STATUSLINES')
  local public = require('reload_lsp')
  for name in pairs(public) do
    assert(functions:find(('*reload_lsp.%s()*'):format(name), 1, true), name)
  end
  for name in functions:gmatch('%*reload_lsp%.(%w+)%(%)%*') do
    assert(public[name], name)
  end
end)

test('every tag is there once, and every link leads somewhere', function()
  local folder = support.folder()
  support.write(folder .. '/doc/reload_lsp.txt', help .. '\n')
  vim.cmd.helptags(folder .. '/doc')
  local known = {}
  for _, line in ipairs(vim.fn.readfile(folder .. '/doc/tags')) do
    known[line:match('^[^\t]+')] = true
  end
  for _, line in ipairs(vim.fn.readfile(vim.env.VIMRUNTIME .. '/doc/tags')) do
    known[line:match('^[^\t]+')] = true
  end
  for link in help:gmatch('|([^%s|]+)|') do
    assert(known[link], link)
  end
end)

test('no line of the help is too wide', function()
  for line in help:gmatch('[^\n]+') do
    assert(vim.fn.strdisplaywidth(line) <= 80, line)
  end
end)
