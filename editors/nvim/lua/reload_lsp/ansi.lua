--- Text of a terminal as plain text with highlights. Whatever else an escape may ask for is dropped: what a program prints
--- must not move cursors or set titles here.
local M = {}

local NAMES = { 'Black', 'Red', 'Green', 'Yellow', 'Blue', 'Magenta', 'Cyan', 'White' }

---@class (exact) reload_lsp.Span
---@field from integer In bytes, from 0.
---@field to integer Behind the last byte.
---@field group string

---@param group? string
---@param codes string As in `ESC [ 1 ; 31 m`.
---@return string?
local function next_group(group, codes)
  local all = vim.split(codes, '[;:]')
  local at = 1
  while at <= #all do
    local code = tonumber(all[at]) or 0
    if code == 0 or code == 39 then
      group = nil
    elseif (code >= 30 and code <= 37) or (code >= 90 and code <= 97) then
      group = 'ReloadAnsi' .. NAMES[code % 10 + 1]
    elseif code == 38 or code == 48 or code == 58 then
      -- A color of 256, or of all: its numbers are no codes.
      at = at + (all[at + 1] == '2' and 4 or 2)
    end
    at = at + 1
  end
  return group
end

--- One line of output, without its end. A color holds until the line ends.
---@param text string
---@return string plain
---@return reload_lsp.Span[] spans
function M.parse(text)
  local plain, spans, length, group, at = {}, {}, 0, nil, 1
  local function add(piece)
    -- What was printed over with a carriage return is not legible.
    piece = piece:gsub('%c', function(c)
      return c == '\t' and c or ''
    end)
    if piece ~= '' then
      table.insert(plain, piece)
      if group then
        table.insert(spans, { from = length, to = length + #piece, group = group })
      end
      length = length + #piece
    end
  end
  while true do
    local from, to = text:find('\27', at, true)
    add(text:sub(at, (from or 0) - 1))
    if not from then
      return table.concat(plain), spans
    end
    local _, csi, codes, final = text:find('^%[([0-?]*)[ -/]*([@-~])', to + 1)
    local _, osc = text:find('^%].-[\7\\]', to + 1)
    if final == 'm' then
      group = next_group(group, codes)
    end
    at = (csi or osc or math.min(to + 1, #text)) + 1
  end
end

--- The colors of the terminal, where the color scheme has some.
function M.define_highlights()
  for index, name in ipairs(NAMES) do
    local color = vim.g['terminal_color_' .. (index - 1)]
    local is_color = type(color) == 'string' and color:match('^#%x+$') ~= nil
    local value = { fg = is_color and color or name, ctermfg = index - 1, default = true }
    vim.api.nvim_set_hl(0, 'ReloadAnsi' .. name, value)
  end
end

return M
