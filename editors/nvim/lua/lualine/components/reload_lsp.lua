-- A component of lualine.nvim: `sections = { lualine_x = { 'reload_lsp' } }`.
local Component = require('lualine.component'):extend()

function Component:update_status()
  return require('reload_lsp').status()
end

return Component
