/**
 * The store's rules as Redis runs them: each script is one atomic step, by Redis' own clock.
 *
 * Under the prefix (KEYS[1]): `:of:<presentity>` is a hash, with a field `g:<gateway>` for each lease (when it was granted
 * last), `chosen`, `held` (until when a choice without a lease holds), `gone` (when the last lease was given back), `shown`
 * (as announced last), `claim` (until when an announcement is left to its process) and `n` (claims so far), where 0 is the
 * same as nothing; `:due` a sorted set of when to look at whom; `:unsaved` one of when users were seen last; `:since` when
 * the store was seen empty. A presentity that is offline has no hash.
 *
 * A hash is read once and written once in a step, however much changes, and a lease that is only renewed is not looked at
 * further: what leases cost is commands and Lua.
 *
 * ARGV begins with the lease's, the grace's, the hold's and the claim's milliseconds.
 */
const rules = `
local prefix, lease, grace, hold, claim = KEYS[1], tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
-- Above 0, no lease ends before so many milliseconds.
local spare = 0
local due, unsaved, since = prefix .. ':due', prefix .. ':unsaved', prefix .. ':since'
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local function keyOf(id) return prefix .. ':of:' .. id end

-- Who is not there is offline, and has the field 'isNew'.
local function load(id)
  local flat = redis.call('HGETALL', keyOf(id))
  local entry = { leases = {}, writes = {}, isNew = #flat == 0 }
  for i = 1, #flat, 2 do
    local field, value = flat[i], flat[i + 1]
    if string.sub(field, 1, 2) == 'g:' then entry.leases[field] = tonumber(value) else entry[field] = value end
  end
  entry.shown = entry.shown or 'offline'
  for _, field in ipairs({ 'held', 'gone', 'claim', 'n' }) do entry[field] = tonumber(entry[field] or 0) end
  return entry
end

local function put(entry, field, value)
  table.insert(entry.writes, field)
  table.insert(entry.writes, value)
  if string.sub(field, 1, 2) == 'g:' then entry.leases[field] = value else entry[field] = value end
end

local function save(id, entry)
  if #entry.writes > 0 then redis.call('HSET', keyOf(id), unpack(entry.writes)) end
end

local function refreshedAt(entry)
  local last = 0
  for _, at in pairs(entry.leases) do last = math.max(last, at) end
  return last
end

local function isLive(entry)
  local refreshed = refreshedAt(entry)
  return refreshed + lease > now or (spare > 0 and refreshed > 0)
end

-- The status that is seen, when that may change by itself, and when its user was seen last.
local function seen(entry)
  local refreshed = refreshedAt(entry)
  if isLive(entry) then return entry.chosen or 'online', math.max(refreshed + lease, now + spare), now end
  if entry.chosen and entry.held > now then return entry.chosen, entry.held, now end
  local last = math.max(entry.gone, refreshed, entry.held - hold)
  if entry.gone + grace > now then return entry.shown, entry.gone + grace, last end
  return 'offline', nil, last
end

-- Without those leases that have ended, where there is one that has not.
local function prune(id, entry)
  if spare > 0 or not isLive(entry) then return end
  local expired = {}
  for gateway, at in pairs(entry.leases) do
    if at + lease <= now then table.insert(expired, gateway) end
  end
  if #expired > 0 then redis.call('HDEL', keyOf(id), unpack(expired)) end
end

-- Writes the entry, and plans the next look or hands the change out.
local function look(id, entry, changes)
  local status, untilMs, last = seen(entry)
  if entry.claim > now then
    save(id, entry)
    redis.call('ZADD', due, entry.claim, id)
  elseif status ~= entry.shown or entry.claim > 0 then
    -- A claim that was not settled: nobody knows whether it was announced.
    put(entry, 'n', entry.n + 1)
    put(entry, 'claim', now + claim)
    save(id, entry)
    redis.call('ZADD', due, now + claim, id)
    local chosen = (isLive(entry) or entry.held > now) and entry.chosen or ''
    table.insert(changes, { id, status, chosen, status == 'offline' and last or '', entry.n })
  elseif untilMs then
    save(id, entry)
    prune(id, entry)
    redis.call('ZADD', due, untilMs, id)
  else
    redis.call('DEL', keyOf(id))
    redis.call('ZREM', due, id)
  end
end
`;

/**
 * KEYS: prefix. ARGV: times, the gateway, three counts, (presentity, chosen or empty)*, gone*, active*.
 * @returns changes; (presentity, chosen or empty) of those for whom something else was chosen than the gateway said
 */
export const reportScript = `${rules}
local gateway, changes, chosen, at = 'g:' .. ARGV[5], {}, {}, 9
local renewed = {}

local function planRenewed()
  if #renewed > 0 then redis.call('ZADD', due, unpack(renewed)) end
  renewed = {}
end

local function isNone(value) return not value or value == '0' end

-- What most reports are: nothing has changed since the gateway said the same. False where something has.
local function renew(id, said)
  local values = redis.call('HMGET', keyOf(id), gateway, 'chosen', 'shown', 'claim', 'gone', 'held')
  local grantedAt, chosen, shown = values[1], values[2], values[3]
  if not grantedAt or grantedAt + lease <= now or (chosen or '') ~= said or shown ~= (chosen or 'online') then return false end
  if not (isNone(values[4]) and isNone(values[5]) and isNone(values[6])) then return false end
  redis.call('HSET', keyOf(id), gateway, now)
  table.insert(renewed, now + lease)
  table.insert(renewed, id)
  if #renewed == 2000 then planRenewed() end
  return true
end

local function grant(id, said)
  local entry = load(id)
  if entry.isNew and said ~= '' then put(entry, 'chosen', said) end
  -- It hid sockets, and there were none.
  if entry.held > 0 and entry.chosen == 'offline' then
    redis.call('HDEL', keyOf(id), 'chosen')
    entry.chosen = nil
  end
  if (entry.chosen or '') ~= said then table.insert(chosen, { id, entry.chosen or '' }) end
  put(entry, gateway, now)
  if entry.gone > 0 then put(entry, 'gone', 0) end
  if entry.held > 0 then put(entry, 'held', 0) end
  look(id, entry, changes)
end

for _ = 1, tonumber(ARGV[6]) do
  local id, said = ARGV[at], ARGV[at + 1]
  if not renew(id, said) then grant(id, said) end
  at = at + 2
end
planRenewed()
for _ = 1, tonumber(ARGV[7]) do
  local id = ARGV[at]
  local entry = load(id)
  if entry.leases[gateway] then
    redis.call('HDEL', keyOf(id), gateway)
    entry.leases[gateway] = nil
    if not isLive(entry) then put(entry, 'gone', now) end
    look(id, entry, changes)
  end
  at = at + 1
end
for _ = 1, tonumber(ARGV[8]) do
  local id = ARGV[at]
  local entry = load(id)
  if entry.held > 0 then
    put(entry, 'held', now + hold)
    look(id, entry, changes)
  end
  at = at + 1
end
return { changes, chosen }`;

/** KEYS: prefix. ARGV: times, presentity, status. @returns the status that is seen, since when if it is offline, changes */
export const chooseScript = `${rules}
local id, changes = ARGV[5], {}
local entry = load(id)
put(entry, 'chosen', ARGV[6])
if not isLive(entry) then
  put(entry, 'held', now + hold)
  if entry.gone > 0 then put(entry, 'gone', 0) end
end
local status, _, last = seen(entry)
look(id, entry, changes)
return { status, status == 'offline' and last or '', changes }`;

/** KEYS: prefix. ARGV: times, limit, how long leases are spared. @returns how many were due, changes */
export const sweepScript = `${rules}
spare = tonumber(ARGV[6])
redis.call('SET', since, now, 'NX')
local ids, changes = redis.call('ZRANGEBYSCORE', due, '-inf', now, 'LIMIT', 0, ARGV[5]), {}
for _, id in ipairs(ids) do
  local entry = load(id)
  if entry.isNew then redis.call('ZREM', due, id) else look(id, entry, changes) end
end
return { #ids, changes }`;

/** KEYS: prefix. ARGV: times, (presentity, status, claim, last seen or empty)*; the last one only of users. @returns changes */
export const settleScript = `${rules}
local changes = {}
for at = 5, #ARGV, 4 do
  local id, status, n, last = ARGV[at], ARGV[at + 1], tonumber(ARGV[at + 2]), ARGV[at + 3]
  local entry = load(id)
  if not entry.isNew and entry.n == n then
    put(entry, 'shown', status)
    put(entry, 'claim', 0)
    if last ~= '' then redis.call('ZADD', unsaved, 'GT', last, id) end
    look(id, entry, changes)
  end
end
return changes`;

/**
 * KEYS: prefix. ARGV: times, how long leases are spared, presentity*.
 * @returns for how long the store is being filled, and (presentity, status, last seen or empty) of those that are known
 */
export const readScript = `${rules}
spare = tonumber(ARGV[5])
local known = {}
for at = 6, #ARGV do
  local id = ARGV[at]
  local status = seen(load(id))
  if status ~= 'offline' then
    table.insert(known, { id, status, '' })
  else
    local last = redis.call('ZSCORE', unsaved, id)
    if last then table.insert(known, { id, status, last }) end
  end
end
return { now - tonumber(redis.call('GET', since) or now), known }`;

/** KEYS: prefix. ARGV: times, (presentity, last seen)*. */
export const savedScript = `${rules}
for at = 5, #ARGV, 2 do
  if tonumber(redis.call('ZSCORE', unsaved, ARGV[at]) or -1) == tonumber(ARGV[at + 1]) then
    redis.call('ZREM', unsaved, ARGV[at])
  end
end`;
