-- One afternoon with the real server: from a project that nobody has allowed to an editor that was killed.
local support = require('support')
_G.is_story = true
local reload = require('reload_lsp')

local GOOD = '#include <stdio.h>\n#include <unistd.h>\n\nint main(void) {\n'
  .. '  puts("\\033[32mserving\\033[0m");\n  fflush(stdout);\n  for (;;) pause();\n}\n'
local BROKEN = GOOD:gsub('puts%(', 'missing = puts(')
local CONFIGURATION = '[services.api]\nbuild = "gcc main.c -o {out}"\nrun = "{out}"\nready = { log = "serving" }\n'

local said = support.notifications()
vim.g.reload_lsp = { cmd = { vim.env.RELOAD_LSP, '--stdio' } }

local events = {}
vim.api.nvim_create_autocmd('User', {
  pattern = 'ReloadStatus',
  callback = function(event)
    table.insert(events, event.data.status and event.data.status.state or 'gone')
  end,
})

local function project(name)
  local root = support.folder() .. '/' .. name
  support.write(root .. '/main.c', GOOD)
  support.write(root .. '/notes', 'a file of no type\n')
  support.write(root .. '/reload.toml', CONFIGURATION)
  return root
end

local function has_said(text)
  return vim.iter(said):any(function(message)
    return message:find(text, 1, true) ~= nil
  end)
end

local function is_alive(pid)
  local file = io.open(('/proc/%d/stat'):format(pid))
  local state = file and file:read('*a'):match('%) (%a)')
  -- A zombie is only waited for.
  return state ~= nil and state ~= 'Z'
end

local function state()
  local snapshot = reload.snapshot()
  return snapshot and snapshot.state
end

local function write(buffer, text)
  vim.api.nvim_buf_set_lines(buffer, 0, -1, false, vim.split(vim.trim(text), '\n'))
  vim.cmd.write()
end

local root = project('shop')
local buffer
local question

test('outside of a project nothing is started', function()
  reload.enable()
  local elsewhere = support.folder() .. '/main.c'
  support.write(elsewhere, GOOD)
  vim.cmd.edit(elsewhere)
  vim.cmd.write()
  support.same(#vim.lsp.get_clients(), 0)
  support.same(reload.status(), '')
end)

test('a file without a type starts the server, and nothing runs that nobody has allowed', function()
  vim.cmd.edit(root .. '/notes')
  support.same(vim.bo.filetype, '')
  support.wait('the status', function()
    return reload.status() == '? :Reload allow'
  end)
  support.wait('the notice', function()
    return has_said('may not run the commands of shop yet: :Reload allow')
  end)
  vim.cmd.edit(root .. '/new notes')
  support.same(#vim.lsp.get_clients({ bufnr = 0, name = 'reload_lsp' }), 1, 'a new file too')
  vim.cmd.edit(root .. '/main.c')
  buffer = vim.api.nvim_get_current_buf()
  local clients = vim.lsp.get_clients({ name = 'reload_lsp' })
  support.same(#clients, 1, 'one server for a project')
  support.same(#vim.lsp.get_clients({ bufnr = buffer, name = 'reload_lsp' }), 1)
end)

test('the exact commands are shown, and run when they are allowed', function()
  vim.fn.confirm = function(text)
    question = text
    return 1
  end
  vim.cmd.Reload('allow')
  support.wait('ready', function()
    return state() == 'ready'
  end)
  assert(question:find(root, 1, true) and question:find('gcc main.c -o {out}', 1, true), question)
  assert(reload.status():find('✓ ready', 1, true), reload.status())
  assert(vim.tbl_contains(events, 'untrusted') and vim.tbl_contains(events, 'building'), vim.inspect(events))
end)

test('a broken save shows the error on its line, in the statusline and as an event', function()
  write(buffer, BROKEN)
  support.wait('the error', function()
    return state() == 'buildFailed' and #vim.diagnostic.get(buffer) > 0
  end)
  local diagnostic = vim.diagnostic.get(buffer)[1]
  support.same({ diagnostic.lnum, diagnostic.source }, { 4, 'reload: gcc' })
  assert(diagnostic.message:find('missing', 1, true), diagnostic.message)
  support.same(reload.status(), '✗ 1 error, old one runs')
  support.same(events[#events], 'buildFailed')
end)

test('the quickfix list has the problem', function()
  vim.cmd.Reload('quickfix')
  local list = vim.fn.getqflist()
  support.same({ #list, list[1].bufnr, list[1].lnum }, { 1, buffer, 5 })
  vim.cmd.cclose()
end)

test('what another server says at the same place is shown once', function()
  local ours = vim.lsp.diagnostic.get_namespace(vim.lsp.get_clients({ name = 'reload_lsp' })[1].id)
  local is_open = true
  local at
  -- A server in this process that says what clangd would.
  vim.lsp.start({
    name = 'fake',
    root_dir = root,
    cmd = function(dispatchers)
      local function publish(diagnostics)
        local params = { uri = vim.uri_from_bufnr(buffer), diagnostics = diagnostics }
        dispatchers.notification('textDocument/publishDiagnostics', params)
      end
      return {
        request = function(method, _, callback)
          callback(nil, method == 'initialize' and { capabilities = {} } or vim.NIL)
          return true, 1
        end,
        notify = function(method, params)
          if method == 'initialized' then
            at = vim.diagnostic.get(buffer, { namespace = ours })[1]
            local start = { line = at.lnum, character = at.col }
            publish({ { range = { start = start, ['end'] = start }, severity = 1, message = 'the same' } })
          elseif method == 'exit' then
            is_open = false
            dispatchers.on_exit(0, 0)
          end
          return params ~= false
        end,
        is_closing = function()
          return not is_open
        end,
        terminate = function()
          is_open = false
        end,
      }
    end,
  }, { bufnr = buffer })
  local function counts()
    return { #vim.diagnostic.get(buffer, { namespace = ours }), #vim.diagnostic.get(buffer) }
  end
  support.wait('the other one alone', function()
    return vim.deep_equal(counts(), { 0, 1 })
  end)
  vim.lsp.stop_client(vim.lsp.get_clients({ name = 'fake' })[1].id)
  support.wait('ours again', function()
    return vim.deep_equal(counts(), { 1, 1 })
  end)
end)

test('the repair takes it all back', function()
  write(buffer, GOOD)
  support.wait('the end of the error', function()
    return state() == 'ready' and #vim.diagnostic.get(buffer) == 0
  end)
  assert(reload.status():find('^✓ ready %d+ ms$'), reload.status())
end)

test('a restart is another process, and the log has what both printed', function()
  local before = reload.snapshot().services[1].run.pid
  vim.cmd.Reload('log')
  local log = vim.api.nvim_get_current_buf()
  support.wait('the first output', function()
    return support.text(log):find('api 1 │ serving', 1, true)
  end)
  local count = vim.api.nvim_buf_line_count(log)
  vim.cmd.Reload({ args = { 'restart', 'api' } })
  support.wait('another process', function()
    local run = reload.snapshot().services[1].run
    return state() == 'ready' and run.pid ~= before
  end)
  support.same(is_alive(before), false)
  support.wait('its output', function()
    local new = table.concat(vim.api.nvim_buf_get_lines(log, count, -1, false), '\n')
    return new:find('│ serving', 1, true)
  end)
  assert(support.text(log):find('┆ .*missing'), 'what the build printed is there too')
  vim.cmd.bwipeout()
end)

test('the code action of the server opens the same log', function()
  vim.lsp
    .get_clients({ name = 'reload_lsp' })[1].commands
    ['reload-lsp.showLog']({ arguments = { { service = 'api' } } }, { client_id = vim.lsp.get_clients({ name = 'reload_lsp' })[1].id })
  local log = vim.api.nvim_get_current_buf()
  support.wait('the output', function()
    return support.text(log):find('│ serving', 1, true)
  end)
  vim.cmd.bwipeout()
end)

test('explain, status and a refusal are shown', function()
  local echoed = {}
  local echo = vim.api.nvim_echo
  vim.api.nvim_echo = function(chunks)
    table.insert(echoed, chunks[1][1])
  end
  vim.cmd.Reload('explain')
  support.wait('the explanation', function()
    return #echoed == 1
  end)
  assert(echoed[1]:find('api: rebuild, because of', 1, true), echoed[1])
  vim.cmd.Reload()
  assert(echoed[2]:find(root .. ': ', 1, true) and echoed[2]:find('✓ api: ', 1, true), echoed[2])
  vim.api.nvim_echo = echo
  vim.cmd.Reload({ args = { 'restart', 'ap' } })
  support.wait('the refusal', function()
    return has_said('there is no service `ap`')
  end)
end)

test('the health check finds nothing wrong', function()
  vim.cmd('checkhealth reload_lsp')
  local text = support.text(0)
  for _, part in ipairs({ 'reload-lsp 0.', 'the commands are allowed', ': ready: ', 'watched: ', 'enabled' }) do
    assert(text:find(part, 1, true), text)
  end
  assert(not text:find('ERROR') and not text:find('WARNING'), text)
  vim.cmd.bwipeout()
end)

test('the hint of an old run is there when somebody wants it', function()
  vim.g.reload_lsp = vim.tbl_extend('force', vim.g.reload_lsp, { stale_hint = true })
  local function hints()
    local namespace = vim.api.nvim_get_namespaces()['reload_lsp.stale']
    return vim.api.nvim_buf_get_extmarks(buffer, namespace, 0, -1, { details = true })
  end
  write(buffer, BROKEN)
  support.wait('the hint', function()
    return #hints() == 1 and state() == 'buildFailed'
  end)
  assert(hints()[1][4].virt_text[1][1]:find('older than the sources', 1, true), vim.inspect(hints()))
  write(buffer, GOOD)
  support.wait('its end', function()
    return #hints() == 0 and state() == 'ready'
  end)
end)

test('when the server ends, nothing of it is shown any longer', function()
  local client = vim.lsp.get_clients({ name = 'reload_lsp' })[1]
  local service = reload.snapshot().services[1].run.pid
  vim.lsp.stop_client(client.id)
  support.wait('the end', function()
    return #vim.lsp.get_clients({ name = 'reload_lsp' }) == 0 and events[#events] == 'gone'
  end)
  support.same(reload.status(), '')
  support.wait('the end of the service', function()
    return not is_alive(service)
  end)
end)

test('a project that is only guessed is started on request', function()
  local guessed = support.folder() .. '/guessed'
  support.write(guessed .. '/Cargo.toml', '[package]\nname = "guessed"\nversion = "1.0.0"\n')
  support.write(guessed .. '/src/main.rs', 'fn main() {}\n')
  vim.cmd.edit(guessed .. '/src/main.rs')
  support.same(#vim.lsp.get_clients(), 0)
  question = nil
  vim.fn.confirm = function(text)
    question = text
    return 0
  end
  vim.cmd.Reload('allow')
  support.wait('the question', function()
    return question
  end)
  assert(question:find(guessed, 1, true), question)
  support.same(#vim.lsp.get_clients({ name = 'reload_lsp' }), 1)
  vim.lsp.stop_client(vim.lsp.get_clients()[1].id)
  support.wait('the end', function()
    return #vim.lsp.get_clients() == 0
  end)
end)

test('an editor that is killed leaves no server and no service behind', function()
  local home = project('killed')
  local arguments = { vim.v.progpath, '--clean', '--embed', '--headless', '-u', support.HERE .. '/minimal_init.lua' }
  local child = vim.fn.jobstart(arguments, { rpc = true })
  local function ask(code, ...)
    return vim.rpcrequest(child, 'nvim_exec_lua', code, { ... })
  end
  ask(
    [[
    local command, file = ...
    vim.fn.confirm = function() return 1 end
    vim.g.reload_lsp = { cmd = { command, '--stdio' } }
    require('reload_lsp').enable()
    vim.cmd.edit(file)
    vim.cmd.Reload('allow')
  ]],
    vim.env.RELOAD_LSP,
    home .. '/main.c'
  )
  local service = support.wait('the service of the child', function()
    local snapshot = ask('return require("reload_lsp").snapshot() or { services = {} }')
    local run = vim.tbl_get(snapshot, 'services', 1, 'run')
    return run and run.phase == 'ready' and run.pid
  end)
  local editor = vim.fn.jobpid(child)
  local server
  for _, pid in ipairs(vim.api.nvim_get_proc_children(editor)) do
    server = pid
  end
  assert(is_alive(service) and server and is_alive(server))
  vim.uv.kill(editor, 'sigkill')
  support.wait('the end of both', function()
    return not is_alive(server) and not is_alive(service)
  end)
end)
