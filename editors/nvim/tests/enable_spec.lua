-- The two ways to say that it is wanted, with the real server and a project that nobody has allowed: nothing is built here.
local client = require('reload_lsp.client')
local support = require('support')

support.notifications()
vim.g.reload_lsp = { cmd = { vim.env.RELOAD_LSP, '--stdio' } }

local function project()
  local root = support.folder()
  support.write(root .. '/reload.toml', '[services.api]\nrun = "true"\n')
  support.write(root .. '/notes', 'a file of no type\n')
  return root
end

--- Whether the server of this very file has told of it.
local function is_untrusted()
  local own = vim.lsp.get_clients({ bufnr = 0, name = client.NAME })[1]
  local status = require('reload_lsp.handlers').statuses(own)[1]
  return status and status.state == 'untrusted'
end

local function stopped()
  return #vim.lsp.get_clients({ name = client.NAME }) == 0
end

test('nobody has to have it', function()
  vim.cmd.edit(project() .. '/notes')
  support.same(vim.lsp.get_clients(), {})
  support.same(vim.g.reload_lsp_enabled, nil)
end)

test('vim.lsp.enable is enough on 0.11, also for a file without a type', function()
  if not vim.lsp.enable then
    return
  end
  vim.lsp.config('reload_lsp', { init_options = { reload = { openUrl = true } } })
  vim.lsp.enable('reload_lsp')
  vim.cmd.edit(project() .. '/notes')
  support.same(vim.bo.filetype, '')
  support.wait('the status', is_untrusted)
  local options = vim.lsp.get_clients({ bufnr = 0, name = client.NAME })[1].config.init_options.reload
  support.same(options, { openUrl = true, overlapFilter = true }, 'what vim.lsp.config says holds too')
  vim.lsp.enable('reload_lsp', false)
  support.wait('the end', function()
    vim.lsp.stop_client(vim.lsp.get_clients({ name = client.NAME }))
    return stopped()
  end)
  vim.cmd.edit(project() .. '/notes')
  support.same(vim.lsp.get_clients({ bufnr = 0 }), {}, 'nor does it come back')
end)

test('a file that is open already starts the server too', function()
  vim.cmd.edit(project() .. '/notes')
  require('reload_lsp').enable()
  support.wait('the status', is_untrusted)
end)

test('a project that gets its reload.toml later starts it with the next save', function()
  local root = support.folder()
  support.write(root .. '/notes', 'a file of no type\n')
  vim.cmd.edit(root .. '/notes')
  support.same(vim.lsp.get_clients({ bufnr = 0 }), {})
  support.write(root .. '/reload.toml', '[services.api]\nrun = "true"\n')
  vim.cmd.write()
  support.wait('the status', is_untrusted)
end)

test('of several projects, the one of the current file is meant', function()
  assert(#vim.lsp.get_clients({ name = client.NAME }) > 1)
  local own = vim.lsp.get_clients({ bufnr = 0, name = client.NAME })[1]
  support.same(client.meant().id, own.id)
  vim.cmd.enew()
  support.same(client.meant(), nil)
  local said = support.notifications()
  vim.cmd.Reload('stop')
  assert(said[1]:find('several projects are open', 1, true), said[1])
end)

test('what is no file of a project is left alone', function()
  local root = project()
  -- Without a path of its own, a buffer might count as one of the folder somebody works in.
  vim.cmd.cd(root)
  local start, started = vim.lsp.start, {}
  vim.lsp.start = function(settings)
    table.insert(started, settings.root_dir)
  end
  for name, kind in pairs({ [root .. '/scratch'] = 'nofile', ['oil://' .. root .. '/notes'] = '' }) do
    local buffer = vim.api.nvim_create_buf(true, false)
    vim.api.nvim_buf_set_name(buffer, name)
    vim.bo[buffer].buftype = kind
    client.attach(buffer)
  end
  support.same(started, {})
  local file = vim.fn.bufadd(root .. '/notes')
  client.attach(file)
  support.same(started, { root })
  vim.lsp.start = start
end)
