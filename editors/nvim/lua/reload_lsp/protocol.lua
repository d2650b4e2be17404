--- The names and types of the `reload/*` messages. A mirror of src/lsp/protocol/ of reload-lsp, tested with its fixtures.
local M = {}

M.VERSION = 1

M.STATUS = 'reload/status'
M.LOG = 'reload/log'
M.GET_STATUS = 'reload/getStatus'
M.BUILD = 'reload/build'
M.RESTART = 'reload/restart'
M.START = 'reload/start'
M.STOP = 'reload/stop'
M.PAUSE = 'reload/pause'
M.RESUME = 'reload/resume'
M.HOLD = 'reload/hold'
M.RELEASE = 'reload/release'
M.GET_LOG = 'reload/getLog'
M.EXPLAIN = 'reload/explain'
M.ALLOW = 'reload/allow'

--- What the client asks for in `capabilities.experimental.reload`.
M.OPT_IN = { protocol = M.VERSION, status = true, log = true }

---@alias reload_lsp.State
---| 'untrusted' | 'misconfigured' | 'paused' | 'building' | 'buildFailed' | 'crashed' | 'restarting'
---| 'starting' | 'ready' | 'finished' | 'stopped' | 'idle'

---@class (exact) reload_lsp.Status The whole picture of one root.
---@field protocol integer
---@field seq integer Rises strictly for each root.
---@field root string
---@field state reload_lsp.State
---@field message string
---@field trust reload_lsp.Trust
---@field errors string[]
---@field services reload_lsp.Service[]
---@field watch reload_lsp.Watch

---@class (exact) reload_lsp.Trust
---@field state 'allowed' | 'asking' | 'denied'
---@field plan? string What `reload/allow` names; nil when allowed.
---@field commands string[] The exact commands that wait for a decision.
---@field before? string[] The commands that were allowed earlier.

---@class (exact) reload_lsp.Service
---@field name string
---@field state reload_lsp.State
---@field message string
---@field stale boolean Whether what runs is older than the newest source.
---@field pending boolean
---@field trigger? table
---@field build? reload_lsp.Build
---@field tasks { command: string, pending: boolean, last?: reload_lsp.Build }[]
---@field run? reload_lsp.Run
---@field crashes integer
---@field lastExit? table
---@field waiting? { why: string, since: string, until?: string }
---@field lastReload? { generation: integer, totalMs: integer }
---@field suspended string[]

---@class (exact) reload_lsp.Build
---@field generation integer
---@field phase string
---@field startedAt string
---@field elapsedMs integer
---@field errors integer
---@field warnings integer
---@field exitCode? integer
---@field notStarted? string
---@field first { uri?: string, line: integer, character: integer, message: string }[]

---@class (exact) reload_lsp.Run
---@field id integer
---@field generation integer
---@field phase string
---@field pid? integer
---@field urls string[]
---@field upMs integer
---@field crashes integer
---@field lastExit? table

---@class (exact) reload_lsp.Watch
---@field mode string
---@field directories integer
---@field polled integer
---@field complete boolean
---@field degraded? string Why some changes are seen late or not at all.

---@class (exact) reload_lsp.Log
---@field root string
---@field entries reload_lsp.Entry[]
---@field dropped integer How many lines before the first of them were lost.
---@field next? integer The `after` of the next request.

---@class (exact) reload_lsp.Entry
---@field n integer Rises without gaps.
---@field at string
---@field service string
---@field from 'run' | 'build' | 'task' | 'reload'
---@field task? string
---@field stream 'stdout' | 'stderr'
---@field generation integer
---@field text string With its line end and its colors.

---@class (exact) reload_lsp.Explanation
---@field text string
---@field verdicts { service?: string, action?: string, because: string }[]
---@field now string[]

--- JSON as Lua says it: what is null is not there.
---@generic T
---@param value T
---@return T
function M.without_null(value)
  if type(value) ~= 'table' then
    return value
  end
  local copy = {}
  for key, member in pairs(value) do
    if member ~= vim.NIL then
      copy[key] = M.without_null(member)
    end
  end
  return copy
end

return M
