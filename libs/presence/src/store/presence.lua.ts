/**
 * The store's rules as Redis runs them: each script is one atomic step, by Redis' own clock.
 *
 * Under the prefix (KEYS[1]): `:of:<presentity>` is a hash, with a field `g:<gateway>` for each lease (when it was granted
 * last), `chosen`, `held` (until when a choice without a lease holds), `gone` (when the last lease was given back), `shown`
 * (as announced last), `claim` (until when an announcement is left to its process) and `n` (claims so far); `:due` a sorted
 * set of when to look at whom; `:unsaved` one of when users were seen last. A presentity that is offline has no hash.
 *
 * ARGV begins with the lease's, the grace's, the hold's and the claim's milliseconds.
 */
const rules = `
local prefix, lease, grace, hold, claim = KEYS[1], tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
-- Above 0, no lease ends before so many milliseconds.
local spare = 0
local due, unsaved = prefix .. ':due', prefix .. ':unsaved'
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local function keyOf(id) return prefix .. ':of:' .. id end

local function load(id)
  local flat = redis.call('HGETALL', keyOf(id))
  if #flat == 0 then return nil end
  local entry = { refreshed = 0, expired = {} }
  for i = 1, #flat, 2 do
    local field, value = flat[i], flat[i + 1]
    if string.sub(field, 1, 2) == 'g:' then
      local at = tonumber(value)
      if at > entry.refreshed then entry.refreshed = at end
      if at + lease <= now and spare == 0 then table.insert(entry.expired, field) end
    else
      entry[field] = value
    end
  end
  entry.shown = entry.shown or 'offline'
  entry.held = tonumber(entry.held or 0)
  entry.gone = tonumber(entry.gone or 0)
  entry.isLive = entry.refreshed + lease > now or (spare > 0 and entry.refreshed > 0)
  return entry
end

-- The status that is seen, when that may change by itself, and when its user was seen last.
local function seen(entry)
  if entry.isLive then return entry.chosen or 'online', math.max(entry.refreshed + lease, now + spare), now end
  if entry.chosen and entry.held > now then return entry.chosen, entry.held, now end
  local last = math.max(entry.gone, entry.refreshed, entry.held - hold)
  if entry.gone + grace > now then return entry.shown, entry.gone + grace, last end
  return 'offline', nil, last
end

-- Plans the next look, or hands the change out.
local function look(id, changes)
  local entry = load(id)
  if not entry then redis.call('ZREM', due, id) return end
  local status, untilMs, last = seen(entry)
  local claimed = tonumber(entry.claim or 0)
  if claimed > now then redis.call('ZADD', due, claimed, id) return end
  -- A claim that was not settled: nobody knows whether it was announced.
  if status == entry.shown and claimed == 0 then
    if not untilMs then
      redis.call('DEL', keyOf(id))
      redis.call('ZREM', due, id)
    else
      if entry.isLive and #entry.expired > 0 then redis.call('HDEL', keyOf(id), unpack(entry.expired)) end
      redis.call('ZADD', due, untilMs, id)
    end
    return
  end
  local n = redis.call('HINCRBY', keyOf(id), 'n', 1)
  redis.call('HSET', keyOf(id), 'claim', now + claim)
  redis.call('ZADD', due, now + claim, id)
  local chosen = (entry.isLive or entry.held > now) and entry.chosen or ''
  table.insert(changes, { id, status, chosen, status == 'offline' and last or '', n })
end
`;

/** KEYS: prefix. ARGV: times, the gateway, three counts, (presentity, chosen or empty)*, gone*, active*. @returns changes */
export const reportScript = `${rules}
local gateway, changes, at = 'g:' .. ARGV[5], {}, 9
for _ = 1, tonumber(ARGV[6]) do
  local id, chosen = ARGV[at], ARGV[at + 1]
  if chosen ~= '' and redis.call('EXISTS', keyOf(id)) == 0 then redis.call('HSET', keyOf(id), 'chosen', chosen) end
  redis.call('HSET', keyOf(id), gateway, now)
  redis.call('HDEL', keyOf(id), 'gone', 'held')
  look(id, changes)
  at = at + 2
end
for _ = 1, tonumber(ARGV[7]) do
  local id = ARGV[at]
  if redis.call('HDEL', keyOf(id), gateway) == 1 then
    local entry = load(id)
    if not entry then
      redis.call('ZREM', due, id)
    else
      if not entry.isLive then redis.call('HSET', keyOf(id), 'gone', now) end
      look(id, changes)
    end
  end
  at = at + 1
end
for _ = 1, tonumber(ARGV[8]) do
  local id = ARGV[at]
  if redis.call('HEXISTS', keyOf(id), 'held') == 1 then
    redis.call('HSET', keyOf(id), 'held', now + hold)
    look(id, changes)
  end
  at = at + 1
end
return changes`;

/** KEYS: prefix. ARGV: times, presentity, status. @returns the status that is seen, changes */
export const chooseScript = `${rules}
local id, changes = ARGV[5], {}
redis.call('HSET', keyOf(id), 'chosen', ARGV[6])
if not load(id).isLive then
  redis.call('HSET', keyOf(id), 'held', now + hold)
  redis.call('HDEL', keyOf(id), 'gone')
end
local status = seen(load(id))
look(id, changes)
return { status, changes }`;

/** KEYS: prefix. ARGV: times, limit, how long leases are spared. @returns how many were due, changes */
export const sweepScript = `${rules}
spare = tonumber(ARGV[6])
local ids, changes = redis.call('ZRANGEBYSCORE', due, '-inf', now, 'LIMIT', 0, ARGV[5]), {}
for _, id in ipairs(ids) do look(id, changes) end
return { #ids, changes }`;

/** KEYS: prefix. ARGV: times, (presentity, status, claim, last seen or empty)*; the last one only of users. @returns changes */
export const settleScript = `${rules}
local changes = {}
for at = 5, #ARGV, 4 do
  local id, status, n, last = ARGV[at], ARGV[at + 1], ARGV[at + 2], ARGV[at + 3]
  if redis.call('HGET', keyOf(id), 'n') == n then
    redis.call('HSET', keyOf(id), 'shown', status)
    redis.call('HDEL', keyOf(id), 'claim')
    if last ~= '' then redis.call('ZADD', unsaved, 'GT', last, id) end
    look(id, changes)
  end
end
return changes`;

/**
 * KEYS: prefix. ARGV: times, how long leases are spared, presentity*.
 * @returns (presentity, status, last seen or empty) of those that are known
 */
export const readScript = `${rules}
spare = tonumber(ARGV[5])
local known = {}
for at = 6, #ARGV do
  local id = ARGV[at]
  local entry = load(id)
  local status = entry and seen(entry) or 'offline'
  if status ~= 'offline' then
    table.insert(known, { id, status, '' })
  else
    local last = redis.call('ZSCORE', unsaved, id)
    if last then table.insert(known, { id, status, last }) end
  end
end
return known`;

/** KEYS: prefix. ARGV: times, (presentity, last seen)*. */
export const savedScript = `${rules}
for at = 5, #ARGV, 2 do
  if tonumber(redis.call('ZSCORE', unsaved, ARGV[at]) or -1) == tonumber(ARGV[at + 1]) then
    redis.call('ZREM', unsaved, ARGV[at])
  end
end`;
