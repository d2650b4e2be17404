-- The plugin alone, as a plugin manager would put it on the runtime path.
local here = vim.fs.dirname(vim.fs.normalize(debug.getinfo(1, 'S').source:sub(2)))
vim.opt.runtimepath:prepend(vim.fn.fnamemodify(here, ':p:h:h'))
vim.o.swapfile = false
vim.cmd('filetype on')
vim.cmd('runtime plugin/reload_lsp.lua')
