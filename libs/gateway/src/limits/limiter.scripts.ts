/** Redis' own clock, so that the clocks of gateways do not matter. */
const readClock = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)`;

/**
 * Counts an attempt in one bucket after another, until one refuses it.
 *
 * A bucket (KEYS) is a list of the times at which its attempts were made, in milliseconds, newest first; what has left the
 * window is dropped from its end, so that each attempt costs the same however many there are. ARGV has limit and window in
 * milliseconds of each. Answers which bucket was the last (from 1), its count, and in how many milliseconds a place is free.
 */
export const countAttempt = `${readClock}
local last, count, leaving
for index, key in ipairs(KEYS) do
  local limit, window = tonumber(ARGV[2 * index - 1]), tonumber(ARGV[2 * index])
  local oldest = redis.call('LINDEX', key, -1)
  while oldest and tonumber(oldest) <= now - window do
    redis.call('RPOP', key)
    oldest = redis.call('LINDEX', key, -1)
  end
  count = redis.call('LLEN', key)
  last = index
  if count >= limit then
    leaving = redis.call('LINDEX', key, limit - 1)
    return { last, limit + 1, math.max(1, leaving + window - now) }
  end
  redis.call('LPUSH', key, now)
  redis.call('PEXPIRE', key, window)
  count = count + 1
  leaving = (oldest or now) + window - now
end
return { last, count, leaving }`;

/**
 * Notes that a gateway is there, and counts those that are. KEYS[1] has the gateways' ids by when each was last heard of;
 * ARGV is the own id, and for how many milliseconds one counts.
 */
export const countGateways = `${readClock}
redis.call('ZADD', KEYS[1], now, ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return redis.call('ZCARD', KEYS[1])`;
