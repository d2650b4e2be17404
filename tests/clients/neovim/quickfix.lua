-- The compiler's own repair, applied in a real Neovim: the build fails, the quick fix is taken, and it passes.
-- Run by tests/run; by hand: RELOAD_LSP=target/debug/reload-lsp nvim --clean --headless -l tests/clients/neovim/quickfix.lua

local PROGRAM = assert(vim.env.RELOAD_LSP, 'RELOAD_LSP names the program')
-- In milliseconds: a compiler on a busy machine takes its time.
local LIMIT = 60000

local PROJECTS = {
  {
    name = 'cargo',
    file = 'src/main.rs',
    -- The name has letters of one, two and four bytes before it.
    broken = 'fn main() {\n    /* é😀 */ let count = 1;\n    count += 1;\n    println!("{count}");\n}\n',
    repaired = '/* é😀 */ let mut count = 1;',
    files = {
      ['Cargo.toml'] = '[package]\nname = "fixed"\nversion = "0.1.0"\nedition = "2021"\n\n[workspace]\n',
      ['reload.toml'] = '[services.it]\nbuild = "cargo build --offline"\nrun = "{exe}; exec tail -f /dev/null"\nready = { log = "2" }\n',
    },
  },
  {
    name = 'gcc',
    file = 'main.c',
    broken = '#include <stdio.h>\nint main(void) {\n\tconst char *é = "ä"; puts(é)\n\treturn 0;\n}\n',
    repaired = 'puts(é);',
    files = {
      ['reload.toml'] = '[services.it]\nbuild = "gcc -fdiagnostics-format=json main.c -o {out}"\n'
        .. 'run = "{out}; exec tail -f /dev/null"\nready = { log = "ä" }\n',
    },
  },
}

local function write(path, text)
  vim.fn.mkdir(vim.fn.fnamemodify(path, ':h'), 'p')
  local file = assert(io.open(path, 'w'))
  file:write(text)
  file:close()
end

--- Waits until `holds` does; an error says what was waited for.
local function wait(what, holds)
  if not vim.wait(LIMIT, holds, 10) then
    error(what .. ' did not come', 0)
  end
end

local function text_of(buffer)
  return table.concat(vim.api.nvim_buf_get_lines(buffer, 0, -1, false), '\n')
end

local function repair(project)
  local root = assert(vim.uv.fs_realpath(vim.fn.fnamemodify(vim.fn.tempname(), ':h'))) .. '/' .. project.name
  for path, text in pairs(project.files) do
    write(root .. '/' .. path, text)
  end
  write(root .. '/' .. project.file, project.broken)
  vim.cmd.edit(root .. '/' .. project.file)
  local buffer = vim.api.nvim_get_current_buf()

  local state
  local id = assert(vim.lsp.start({
    name = 'reload-lsp',
    cmd = { PROGRAM, '--stdio' },
    root_dir = root,
    init_options = { reload = { protocol = 1, status = true, trust = { granted = true } } },
    handlers = {
      ['reload/status'] = function(_, status)
        state = status.state
      end,
    },
  }))
  wait('an error', function()
    return state == 'buildFailed' and #vim.diagnostic.get(buffer) > 0
  end)

  local at = vim.diagnostic.get(buffer)[1]
  vim.api.nvim_win_set_cursor(0, { at.lnum + 1, at.col })
  local is_edit = function(action)
    return action.edit ~= nil
  end
  vim.lsp.buf.code_action({ context = { only = { 'quickfix' } }, filter = is_edit, apply = true })
  wait('the repair', function()
    return text_of(buffer):find(project.repaired, 1, true) ~= nil
  end)
  vim.cmd.write()
  wait('the passing build', function()
    return state == 'ready' and #vim.diagnostic.get(buffer) == 0
  end)

  vim.lsp.get_client_by_id(id):stop()
  wait('the end of the server', function()
    return vim.lsp.get_client_by_id(id) == nil
  end)
end

local failed = 0
for number, project in ipairs(PROJECTS) do
  local passed, message = pcall(repair, project)
  failed = failed + (passed and 0 or 1)
  local result = passed and 'ok' or 'not ok'
  io.stdout:write(('%s %d - a repair of %s makes the build pass\n'):format(result, number, project.name))
  if not passed then
    io.stdout:write(('# %s\n# %s\n'):format(message, vim.inspect(vim.diagnostic.get()):gsub('\n%s*', ' ')))
  end
end
io.stdout:write(('# pass %d\n# fail %d\n'):format(#PROJECTS - failed, failed))
os.exit(failed == 0 and 0 or 1)
