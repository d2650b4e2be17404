--- What other configuration may call. Nothing has to be called: `vim.lsp.enable('reload_lsp')` is enough on Neovim 0.11.
local M = {}

--- Starts the server for every project that has a marker, now and later; on Neovim 0.10 too.
function M.enable()
  if vim.fn.has('nvim-0.10') == 0 then
    return vim.notify('reload-lsp needs Neovim 0.10 or newer', vim.log.levels.ERROR)
  end
  vim.g.reload_lsp_enabled = true
  if vim.lsp.enable then
    vim.lsp.enable('reload_lsp')
  end
  for _, buffer in ipairs(vim.api.nvim_list_bufs()) do
    if vim.api.nvim_buf_is_loaded(buffer) then
      require('reload_lsp.client').attach(buffer)
    end
  end
end

--- A few words for a statusline; empty where no server is.
---@return string
function M.status()
  local latest = M.snapshot()
  return latest and require('reload_lsp.statusline').render(latest, require('reload_lsp.config').get().icons) or ''
end

--- The latest status of the project of a buffer, whole; nil where no server is, or has said anything.
---@param buffer? integer The current one without.
---@return reload_lsp.Status?
function M.snapshot(buffer)
  local client = require('reload_lsp.client').meant(buffer)
  return require('reload_lsp.handlers').statuses(client)[1]
end

--- Builds, whatever has changed, and swaps.
---@param service? string All without.
function M.build(service)
  require('reload_lsp.command').run({ 'build', service })
end

--- Stops and starts what was built last.
---@param service? string
function M.restart(service)
  require('reload_lsp.command').run({ 'restart', service })
end

--- Stops, until a change or a request.
---@param service? string
function M.stop(service)
  require('reload_lsp.command').run({ 'stop', service })
end

--- Starts what is stopped.
---@param service? string
function M.start(service)
  require('reload_lsp.command').run({ 'start', service })
end

--- Collects changes from now on.
---@param service? string
function M.pause(service)
  require('reload_lsp.command').run({ 'pause', service })
end

--- Makes one trip for what was collected.
---@param service? string
function M.resume(service)
  require('reload_lsp.command').run({ 'resume', service })
end

--- Opens the log.
---@param service? string
function M.log(service)
  require('reload_lsp.command').run({ 'log', service })
end

--- Opens the page of a service.
---@param service? string The first that has one without.
function M.open(service)
  require('reload_lsp.command').run({ 'open', service })
end

return M
