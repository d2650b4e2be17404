-- Found by `vim.lsp.enable('reload_lsp')`, on Neovim 0.11 and newer.
return require('reload_lsp.client').config()
