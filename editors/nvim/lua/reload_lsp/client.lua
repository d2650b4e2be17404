--- The connection to the server: how it is started, for which buffers, and which one is meant.
local config = require('reload_lsp.config')
local protocol = require('reload_lsp.protocol')

local M = {}

M.NAME = 'reload_lsp'

-- Projects that the server knows how to build without a reload.toml; only for somebody who asks for it.
local GUESSED = { 'Cargo.toml', 'go.mod', 'package.json', 'pyproject.toml' }

---@param buffer integer
---@param markers string[]
---@return string?
local function root_of(buffer, markers)
  local name = vim.api.nvim_buf_get_name(buffer)
  if vim.bo[buffer].buftype ~= '' or name == '' or name:match('^%w[%w+.-]+://') then
    return nil
  end
  return vim.fs.root(buffer, markers)
end

--- The configuration of the client, as `vim.lsp.start` and `vim.lsp.config` take it.
---@return vim.lsp.ClientConfig
function M.config()
  local options = config.get()
  local reload = vim.tbl_deep_extend('force', { overlapFilter = options.overlap_filter }, options.server)
  local capabilities = vim.lsp.protocol.make_client_capabilities()
  capabilities.experimental = { reload = protocol.OPT_IN }
  return {
    name = M.NAME,
    cmd = options.cmd,
    root_dir = function(buffer, on_dir)
      local root = root_of(buffer, options.root_markers)
      if root then
        on_dir(root)
      end
    end,
    capabilities = capabilities,
    init_options = { reload = reload },
    handlers = require('reload_lsp.handlers').methods(),
    commands = {
      -- "Show build output" of a code action.
      ['reload-lsp.showLog'] = function(command, context)
        local service = vim.tbl_get(command, 'arguments', 1, 'service')
        require('reload_lsp.log').open(assert(vim.lsp.get_client_by_id(context.client_id)), service)
      end,
    },
    on_exit = function(_, _, id)
      vim.schedule(function()
        require('reload_lsp.handlers').forget(id)
      end)
    end,
  }
end

local has_warned = false

---@param buffer integer
---@param root string
---@param settings vim.lsp.ClientConfig
---@return integer? id
local function start(buffer, root, settings)
  local _, problems = config.load()
  local command = settings.cmd
  if type(command) == 'table' and vim.fn.executable(command[1]) == 0 then
    table.insert(problems, ('`%s` cannot be found: see :checkhealth reload_lsp'):format(command[1]))
  end
  if #problems > 0 and not has_warned then
    has_warned = true
    vim.notify('reload-lsp: ' .. table.concat(problems, '\n'), vim.log.levels.ERROR)
  end
  if type(command) == 'function' or vim.fn.executable(command[1]) == 1 then
    settings = vim.tbl_extend('force', settings, { root_dir = root })
    return vim.lsp.start(settings, { bufnr = buffer, reuse_client = settings.reuse_client })
  end
end

---@return vim.lsp.ClientConfig
local function settings_of_person()
  -- What somebody has added by `vim.lsp.config` holds here too.
  local known = vim.lsp.config and vim.lsp.config[M.NAME]
  return known and vim.deepcopy(known) or M.config()
end

--- Starts the server for a buffer, or attaches the one of its project, where the project has a marker.
---@param buffer integer
function M.attach(buffer)
  if #vim.lsp.get_clients({ bufnr = buffer, name = M.NAME }) > 0 then
    return
  end
  local settings = settings_of_person()
  local root = settings.root_dir
  if type(root) == 'function' then
    root(buffer, function(found)
      start(buffer, found, settings)
    end)
  elseif root then
    start(buffer, root, settings)
  end
end

--- The same, also for a project that the server would have to guess: somebody has asked for it.
---@param buffer integer
---@return boolean is_project
---@return integer? id of the client, which may not be ready for requests yet
function M.attach_on_request(buffer)
  local root = root_of(buffer, config.get().root_markers) or root_of(buffer, GUESSED)
  return root ~= nil, root and start(buffer, root, settings_of_person())
end

--- The client that somebody means who is in this buffer: its own, else that of its log, else the only one.
---@param buffer? integer
---@return vim.lsp.Client?
function M.meant(buffer)
  buffer = buffer or vim.api.nvim_get_current_buf()
  local own = vim.lsp.get_clients({ bufnr = buffer, name = M.NAME })[1]
  local of_log = vim.b[buffer].reload_lsp_client
  if own or of_log then
    return own or vim.lsp.get_client_by_id(of_log)
  end
  local all = vim.lsp.get_clients({ name = M.NAME })
  return #all == 1 and all[1] or nil
end

--- Sends a request; what the server refuses is shown.
---@param client vim.lsp.Client
---@param method string
---@param params table
---@param on_result? fun(result: any)
function M.request(client, method, params, on_result)
  local function answered(problem, result)
    if problem then
      vim.notify('reload-lsp: ' .. problem.message, vim.log.levels.ERROR)
    elseif on_result then
      on_result(protocol.without_null(result))
    end
  end
  -- An empty table would be a list.
  params = next(params) and params or vim.empty_dict()
  if vim.fn.has('nvim-0.11') == 1 then
    client:request(method, params, answered)
  else
    client.request(method, params, answered)
  end
end

return M
