--- A hint on the first line of the buffers of a project that what runs is older than they are. Off by default.
local config = require('reload_lsp.config')

local M = {}

local namespace = vim.api.nvim_create_namespace('reload_lsp.stale')

---@param status? reload_lsp.Status
---@return string? text
local function hint(status)
  local stale = status
    and vim.iter(status.services):find(function(service)
      return service.stale and service.run ~= nil
    end)
  return stale and ('%s: generation %d runs, older than the sources'):format(stale.name, stale.run.generation)
end

---@param client_id integer
---@param status? reload_lsp.Status
function M.show(client_id, status)
  local text = config.get().stale_hint and hint(status) or nil
  local client = vim.lsp.get_client_by_id(client_id)
  for buffer in pairs(client and client.attached_buffers or {}) do
    vim.api.nvim_buf_clear_namespace(buffer, namespace, 0, -1)
    if text then
      local virtual = { { text, 'DiagnosticVirtualTextWarn' } }
      vim.api.nvim_buf_set_extmark(buffer, namespace, 0, 0, { virt_text = virtual, virt_text_pos = 'right_align' })
    end
  end
end

return M
