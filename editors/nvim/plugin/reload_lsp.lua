-- What is there before anything is asked for: one command, <Plug> mappings, and a look at buffers that
-- `vim.lsp.enable` leaves out. Everything else is loaded when it is needed.
if vim.g.loaded_reload_lsp then
  return
end
vim.g.loaded_reload_lsp = true

if vim.fn.has('nvim-0.10') == 0 then
  vim.api.nvim_create_user_command('Reload', function()
    vim.notify('reload-lsp needs Neovim 0.10 or newer', vim.log.levels.ERROR)
  end, { nargs = '*' })
  return
end

vim.api.nvim_create_user_command('Reload', function(call)
  require('reload_lsp.command').run(call.fargs)
end, {
  nargs = '*',
  desc = 'Control what reload-lsp builds and runs',
  complete = function(lead, line)
    return require('reload_lsp.command').complete(lead, line)
  end,
})

local names = { 'build', 'restart', 'stop', 'start', 'pause', 'resume' }
vim.list_extend(names, { 'status', 'log', 'explain', 'open', 'allow', 'quickfix' })
for _, name in ipairs(names) do
  vim.keymap.set('n', ('<Plug>(reload-%s)'):format(name), function()
    require('reload_lsp.command').run({ name })
  end, { desc = 'reload-lsp: ' .. name })
end

-- `vim.lsp.enable` waits for a file type, and some files have none. A project may also get its reload.toml only now.
vim.api.nvim_create_autocmd({ 'BufReadPost', 'BufNewFile', 'BufWritePost' }, {
  group = vim.api.nvim_create_augroup('reload_lsp', {}),
  callback = function(event)
    local is_enabled = vim.g.reload_lsp_enabled or (vim.lsp.is_enabled and vim.lsp.is_enabled('reload_lsp'))
    if is_enabled then
      require('reload_lsp.client').attach(event.buf)
    end
  end,
})
