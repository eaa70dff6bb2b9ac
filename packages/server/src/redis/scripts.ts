import { CLOCK, KEPT_TIMES, script } from './script.ts';

/**
 * KEYS leases, closing, override, gone [, tenant, fleet, order of the tenant, of the fleet]
 * ARGV id, ttl ms, limit, closing bound, name, share that names holders, session mark, limit of the tenant, of the fleet; -1: no limit
 * Answers granted, now, held, limit, what refused, retry after ms, taken over, holders
 */
export const ACQUIRE = script(`${CLOCK}
local leases, closing, gone, tenant, fleet = KEYS[1], KEYS[2], KEYS[4], KEYS[5], KEYS[6]
local id, ttl, session = ARGV[1], tonumber(ARGV[2]), ARGV[7]
local limit = tonumber(redis.call('GET', KEYS[3]) or ARGV[3])
local now = clock()
redis.call('ZREMRANGEBYSCORE', leases, '-inf', now)
local held, freed, taken = size(leases), 0, {}
if limit >= 0 then
  local closers = redis.call('ZCARD', closing)
  local bound = tonumber(ARGV[4])
  if bound >= 0 and closers > bound then
    redis.call('ZREMRANGEBYSCORE', closing, '-inf', now)
    held = held + math.max(0, redis.call('ZCARD', closing) - bound)
  end
end
if session ~= '' then
  for _, other in ipairs(ids(leases)) do
    if other ~= id and string.sub(other, -#session) == session then taken[#taken + 1] = other end
  end
  freed = #taken
end
local share = tonumber(ARGV[6])
local near = limit > 0 and share >= 0 and held >= math.ceil(limit * share - 1e-9)
local by, over, bound = nil, held, limit
if limit >= 0 and held - freed >= limit then
  if redis.call('ZSCORE', leases, id) and held - freed - 1 < limit then freed = freed + 1 else by = 'user' end
end
if not by and tenant then
  if redis.call('ZSCORE', leases, id) then freed = #taken + 1 end
  for index = 5, 6 do
    local most = tonumber(ARGV[index + 3])
    redis.call('ZREMRANGEBYSCORE', KEYS[index], '-inf', now)
    if not by and most >= 0 then
      local members = redis.call('ZCARD', KEYS[index])
      if members - freed >= most then by, over, bound = index == 5 and 'tenant' or 'fleet', members, most end
    end
  end
end
if by then
  local first = redis.call('ZRANGE', leases, 0, 0, 'WITHSCORES')
  local wait = first[2] and first[2] ~= 'inf' and math.max(0, first[2] - now) or ttl
  return {0, now, over, bound, by, wait, '', table.concat(ids(leases), ',')}
end
for _, other in ipairs(taken) do
  redis.call('ZREM', leases, other)
  if tenant then redis.call('ZREM', tenant, other) end
  if fleet then redis.call('ZREM', fleet, other) end
  redis.call('HSET', gone, other, 'taken-over')
  redis.call('PEXPIRE', gone, ttl * 2)
end
local added = redis.call('ZADD', leases, now + ttl, id, 'inf', ARGV[5])
redis.call('PEXPIRE', leases, ttl * ${KEPT_TIMES})
for index = 5, #KEYS - 2 do
  redis.call('ZADD', KEYS[index], now + ttl, id)
  redis.call('PEXPIRE', KEYS[index], ttl * ${KEPT_TIMES})
  if redis.call('EXISTS', KEYS[index + 2]) == 1 then redis.call('ZADD', KEYS[index + 2], born(id), id) end
end
return {1, now, size(leases), limit, '', 0, table.concat(taken, ','), near and table.concat(ids(leases), ',') or ''}
`);

/**
 * KEYS leases of each user [, tenant, fleet] [, closing]; ARGV how long they may be closing in ms (0: there are no keys for that), keys a
 * user, then for each user the number of its ids, and the ids.
 */
export const RELEASE = script(`
local call = redis.call
local closing, width, at = tonumber(ARGV[1]), tonumber(ARGV[2]), 3
local held = closing > 0 and width - 1 or width
local deadline
if closing > 0 then
  local time = call('TIME')
  deadline = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000) + closing)
end
for user = 1, #KEYS, width do
  local last = at + ARGV[at]
  for index = user, user + held - 1 do call('ZREM', KEYS[index], unpack(ARGV, at + 1, last)) end
  if call('ZCARD', KEYS[user]) == 1 then call('DEL', KEYS[user]) end
  if deadline then
    for index = at + 1, last do call('ZADD', KEYS[user + held], deadline, ARGV[index]) end
    call('PEXPIRE', KEYS[user + held], ARGV[1])
  end
  at = last + 1
end
return 1
`);

/**
 * KEYS nodes, notices of the node, overrides, their version; ARGV node, ttl ms, version it knows
 * Answers now, nodes that live, version, notices, and the overrides when the version is another.
 */
export const BEAT = script(`${CLOCK}
local now = clock()
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[2] * 2)
local notices = redis.call('LRANGE', KEYS[2], 0, -1)
if #notices > 0 then redis.call('DEL', KEYS[2]) end
local version = tonumber(redis.call('GET', KEYS[4]) or 0)
local overrides = version ~= tonumber(ARGV[3]) and redis.call('HGETALL', KEYS[3]) or {}
return {now, redis.call('ZCARD', KEYS[1]), version, notices, overrides}
`);

/**
 * KEYS version of the overrides. They have changed: it is one that was never before, also on a server that has forgotten the last ones, so by the
 * time in microseconds.
 */
export const CHANGED = script(`
local time = redis.call('TIME')
local last = tonumber(redis.call('GET', KEYS[1]) or 0)
local version = math.max(last + 1, time[1] * 1000000 + time[2])
redis.call('SET', KEYS[1], string.format('%.0f', version))
return 1
`);

/** KEYS notices of a node; ARGV what they are kept for in ms, the notice. At most 10 000 wait for one node; room is made first, as a full server wants. */
export const NOTIFY = script(`
redis.call('LTRIM', KEYS[1], -9999, -1)
redis.call('RPUSH', KEYS[1], ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return 1
`);

/** KEYS leases, closing, override. Answers held, closing, override, ids. Changes nothing. */
export const USAGE = script(`${CLOCK}
local now = clock()
local live = redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. now, '(inf')
return {#live, redis.call('ZCOUNT', KEYS[2], '(' .. now, '+inf'), redis.call('GET', KEYS[3]) or '', live}
`);

/** KEYS leases; ARGV smallest number. Answers held and the name, or nothing when it is fewer. Changes nothing. */
export const COUNT = script(`${CLOCK}
local held = redis.call('ZCOUNT', KEYS[1], '(' .. clock(), '(inf')
if held < tonumber(ARGV[1]) or held == 0 then return {} end
return {held, redis.call('ZRANGEBYSCORE', KEYS[1], 'inf', 'inf')[1] or '='}
`);

/** KEYS leases, gone [, tenant, fleet]; ARGV ttl ms [, node]; without one those of all. Answers the ids that were freed. */
export const FREE = script(`${CLOCK}
local freed = {}
for _, id in ipairs(ids(KEYS[1])) do
  if not ARGV[2] or string.sub(id, 9, 14) == ARGV[2] then
    redis.call('ZREM', KEYS[1], id)
    for index = 3, #KEYS do redis.call('ZREM', KEYS[index], id) end
    redis.call('HSET', KEYS[2], id, 'freed')
    redis.call('PEXPIRE', KEYS[2], ARGV[1] * 2)
    freed[#freed + 1] = id
  end
end
if size(KEYS[1]) == 0 then redis.call('DEL', KEYS[1]) end
return freed
`);
