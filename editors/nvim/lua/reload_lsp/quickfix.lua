--- The problems of the last build as a quickfix list.
local M = {}

---@param client vim.lsp.Client
function M.open(client)
  local problems = require('reload_lsp.overlap').all(client.id)
  local items = vim.diagnostic.toqflist(problems)
  table.sort(items, function(a, b)
    local name_of_a, name_of_b = vim.fn.bufname(a.bufnr), vim.fn.bufname(b.bufnr)
    if name_of_a ~= name_of_b then
      return name_of_a < name_of_b
    end
    return a.lnum < b.lnum or (a.lnum == b.lnum and a.col < b.col)
  end)
  vim.fn.setqflist({}, ' ', { title = 'reload-lsp', items = items })
  if #items == 0 then
    vim.notify('reload-lsp: no problems')
  else
    vim.cmd('botright copen')
  end
end

return M
