--- What the tests share: waiting, projects, messages of the server.
local M = {}

--- In milliseconds: a compiler on a busy machine takes its time.
M.LIMIT = 60000

M.HERE = vim.fn.fnamemodify(debug.getinfo(1, 'S').source:sub(2), ':p:h')

--- Waits until `holds` does, and returns what it returned; an error says what was waited for.
function M.wait(what, holds)
  local result
  local came = vim.wait(M.LIMIT, function()
    result = holds()
    return result
  end, 10)
  if not came then
    error(what .. ' did not come', 2)
  end
  return result
end

function M.same(actual, expected, what)
  if not vim.deep_equal(actual, expected) then
    error(('%s\nis       %s\nnot      %s'):format(what or '', vim.inspect(actual), vim.inspect(expected)), 2)
  end
end

--- An example message of the protocol, as a client gets it.
function M.fixture(name)
  local root = vim.env.RELOAD_LSP_FIXTURES or (M.HERE .. '/../../../tests/fixtures/protocol')
  return vim.json.decode(table.concat(vim.fn.readfile(('%s/%s.json'):format(root, name)), '\n'))
end

function M.write(path, text)
  vim.fn.mkdir(vim.fs.dirname(path), 'p')
  local file = assert(io.open(path, 'w'))
  file:write(text)
  file:close()
end

function M.folder()
  local folder = vim.fn.tempname()
  vim.fn.mkdir(folder, 'p')
  return assert(vim.uv.fs_realpath(folder))
end

function M.text(buffer)
  return table.concat(vim.api.nvim_buf_get_lines(buffer, 0, -1, false), '\n')
end

--- Collects what is said by `vim.notify`.
function M.notifications()
  local said = {}
  vim.notify = function(message)
    table.insert(said, message)
  end
  return said
end

return M
