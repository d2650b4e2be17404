--- A status as a few words for a statusline. Pure.
local M = {}

---@type table<reload_lsp.State, string>
local WORDS = {
  untrusted = ':Reload allow',
  misconfigured = 'misconfigured',
  paused = 'paused',
  building = 'building',
  buildFailed = 'build failed',
  crashed = 'crashed',
  restarting = 'restarting',
  starting = 'starting',
  ready = 'ready',
  finished = 'finished',
  stopped = 'stopped',
  idle = 'idle',
}

---@param service reload_lsp.Service
---@return string
local function words(service)
  local text = WORDS[service.state] or service.state
  local errors = service.build and service.build.errors or 0
  if service.state == 'buildFailed' and errors > 0 then
    text = errors == 1 and '1 error' or ('%d errors'):format(errors)
  elseif service.state == 'ready' and service.lastReload then
    text = ('ready %d ms'):format(service.lastReload.totalMs)
  end
  local is_old = service.stale and service.run ~= nil and service.state ~= 'building'
  return is_old and text .. ', old one runs' or text
end

--- With one service what it does; with several the first of those that decide about the whole.
---@param status reload_lsp.Status
---@param icons table<string, string>
---@return string
function M.render(status, icons)
  local icon = icons[status.state] or icons.unknown
  local text = WORDS[status.state] or 'unknown'
  local deciding = vim.iter(status.services):find(function(service)
    return service.state == status.state
  end)
  if deciding then
    text = words(deciding)
    if #status.services > 1 and status.state ~= 'ready' then
      text = ('%s %s'):format(deciding.name, text)
    elseif #status.services > 1 then
      text = WORDS.ready
    end
  end
  if status.state == 'untrusted' and status.trust.state == 'denied' then
    -- Whoever has said no is not asked again and again.
    text = 'not allowed'
  elseif status.trust.state == 'asking' and status.state ~= 'untrusted' then
    text = ('%s, %s'):format(text, WORDS.untrusted)
  end
  -- What another program names must not be read as a format.
  return (('%s %s'):format(icon, text):gsub('%c', ''):gsub('%%', '%%%%'))
end

return M
