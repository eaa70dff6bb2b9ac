import { createHash } from 'node:crypto';

/** A script with its name for the server's cache. */
export interface Script {
  readonly text: string;
  readonly sha: string;
}

function script(text: string): Script {
  return { text, sha: createHash('sha1').update(text).digest('hex') };
}

/**
 * Time comes from the server, so every node means the same by it. The leases of a user are one sorted set, member = id, score = deadline;
 * beside them stands one member that says whose they are: `=` and the user, `=tenant` NUL user where there are tenants, score `inf`.
 */
const CLOCK = `
local function clock()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
local function size(key)
  local members = redis.call('ZCARD', key)
  return members > 0 and members - 1 or 0
end
local function ids(key)
  return redis.call('ZRANGEBYSCORE', key, '-inf', '(inf')
end
local function born(id)
  return tonumber(string.sub(id, 1, 8), 36)
end
`;

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
redis.call('PEXPIRE', leases, ttl * 2)
for index = 5, #KEYS - 2 do
  redis.call('ZADD', KEYS[index], now + ttl, id)
  redis.call('PEXPIRE', KEYS[index], ttl * 2)
  if redis.call('EXISTS', KEYS[index + 2]) == 1 then redis.call('ZADD', KEYS[index + 2], born(id), id) end
end
return {1, now, size(leases), limit, '', 0, table.concat(taken, ','), near and table.concat(ids(leases), ',') or ''}
`);

/**
 * KEYS leases of each user, with its tenant and fleet where there are such limits; ARGV ttl ms, keys a user, then for each user its limit
 * (-1: none), the number of its ids, and the ids. Leases that have expired and were taken by nobody live on.
 * Answers now, and the places of those users for whom something is missing or too much.
 */
export const RENEW = script(`
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local ttl, width = tonumber(ARGV[1]), tonumber(ARGV[2])
local deadline, news, at = now + ttl, {now}, 3
for user = 1, #KEYS, width do
  local limit, count, pairs = tonumber(ARGV[at]), tonumber(ARGV[at + 1]), {}
  for index = 1, count do
    pairs[index * 2 - 1] = deadline
    pairs[index * 2] = ARGV[at + 1 + index]
  end
  at = at + 2 + count
  local isWhole = true
  for index = user, user + width - 1 do
    if redis.call('ZADD', KEYS[index], 'XX', 'CH', unpack(pairs)) ~= count then isWhole = false end
    redis.call('PEXPIRE', KEYS[index], ttl * 2)
  end
  if not isWhole then news[#news + 1] = (user - 1) / width end
end
return news
`);

/**
 * One user with something missing. KEYS leases, gone, override [, tenant, fleet, order of the tenant, of the fleet, gone of these]
 * ARGV ttl ms, policy, limit, limit of the tenant, of the fleet, name, ids
 * Answers now, held, then pairs of id and fate; those of other nodes have the fate 'other', those of other users the fate 'scope'. What a
 * tenant or the fleet has too much is found by an order of all its leases, made when it is needed: whose a lease is stands nowhere in it, so
 * it is written down as gone, and its node finds it missing.
 */
export const MEND = script(`${CLOCK}
local leases, gone, scopeGone = KEYS[1], KEYS[2], KEYS[8]
local ttl, now = tonumber(ARGV[1]), clock()
local strict, name = ARGV[2] == 'strict', ARGV[6]
local deadline, own, known, missing, fates = now + ttl, {}, {}, {}, {}
local limit = tonumber(redis.call('GET', KEYS[3]) or ARGV[3])
local scopes = scopeGone and {KEYS[4], KEYS[5]} or {}
local function away(id, fate)
  redis.call('ZREM', leases, id)
  for _, scope in ipairs(scopes) do redis.call('ZREM', scope, id) end
  if scopeGone then redis.call('HDEL', scopeGone, id) end
  if fate then
    redis.call('HSET', gone, id, fate)
    redis.call('PEXPIRE', gone, ttl * 2)
  end
end
for index = 7, #ARGV do
  local id = ARGV[index]
  own[id] = true
  if redis.call('ZADD', leases, 'XX', 'CH', deadline, id) == 1 or redis.call('ZSCORE', leases, id) then known[#known + 1] = id
  else missing[#missing + 1] = id end
  for _, scope in ipairs(scopes) do redis.call('ZADD', scope, 'XX', deadline, id) end
end
redis.call('ZREMRANGEBYSCORE', leases, '-inf', now)
for _, scope in ipairs(scopes) do redis.call('ZREMRANGEBYSCORE', scope, '-inf', now) end
local torn = {}
for _, id in ipairs(known) do
  for _, scope in ipairs(scopes) do
    if not fates[id] and not redis.call('ZSCORE', scope, id) then
      if redis.call('HEXISTS', scopeGone, id) == 1 then
        away(id, 'over-limit')
        fates[id] = 'over-limit'
      elseif strict then
        away(id)
        fates[id] = 'expired'
      else torn[#torn + 1] = id end
    end
  end
end
local before, most = size(leases), {}
for index, scope in ipairs(scopes) do most[index] = math.max(tonumber(ARGV[index + 3]), redis.call('ZCARD', scope)) end
local function put(id)
  for index, scope in ipairs(scopes) do
    redis.call('ZADD', scope, deadline, id)
    redis.call('PEXPIRE', scope, ttl * 2)
    if redis.call('EXISTS', KEYS[index + 5]) == 1 then redis.call('ZADD', KEYS[index + 5], born(id), id) end
  end
end
for _, id in ipairs(torn) do if not fates[id] then put(id) end end
local retaken = 0
for _, id in ipairs(missing) do
  local fate = redis.call('HGET', gone, id) or scopeGone and redis.call('HGET', scopeGone, id)
  if not fate and strict then fate = 'expired' end
  if fate then away(id)
  else
    fate = 'retaken'
    retaken = retaken + 1
    redis.call('ZADD', leases, deadline, id, 'inf', name)
    put(id)
  end
  fates[id] = fate
end
local over = limit < 0 and 0 or before + retaken - math.max(limit, before)
if over > 0 then
  local all = ids(leases)
  table.sort(all, function(one, other) return one > other end)
  for index = 1, over do
    away(all[index], 'over-limit')
    fates[all[index]] = own[all[index]] and 'over-limit' or 'other'
  end
end
for index, scope in ipairs(scopes) do
  local order = KEYS[index + 5]
  over = tonumber(ARGV[index + 3]) < 0 and 0 or redis.call('ZCARD', scope) - most[index]
  if over > 0 and redis.call('EXISTS', order) == 0 then
    for _, id in ipairs(redis.call('ZRANGE', scope, 0, -1)) do redis.call('ZADD', order, born(id), id) end
    redis.call('PEXPIRE', order, ttl)
  end
  while over > 0 do
    local id = redis.call('ZPOPMAX', order)[1]
    if not id then break end
    if redis.call('ZSCORE', scope, id) then
      over = over - 1
      if own[id] or redis.call('ZSCORE', leases, id) then
        away(id, 'over-limit')
        fates[id] = own[id] and 'over-limit' or 'other'
      else
        for _, every in ipairs(scopes) do redis.call('ZREM', every, id) end
        redis.call('HSET', scopeGone, id, 'over-limit')
        redis.call('PEXPIRE', scopeGone, ttl * 2)
        fates[id] = 'scope'
      end
    end
  end
end
if size(leases) == 0 then redis.call('DEL', leases) else redis.call('PEXPIRE', leases, ttl * 2) end
local answer = {now, size(leases)}
for id, fate in pairs(fates) do
  answer[#answer + 1] = id
  answer[#answer + 1] = fate
end
return answer
`);

/** KEYS leases, closing [, tenant, fleet]; ARGV how long they may be closing in ms, ids */
export const RELEASE = script(`
for index = 1, #KEYS do
  if index ~= 2 then redis.call('ZREM', KEYS[index], unpack(ARGV, 2)) end
end
if redis.call('ZCARD', KEYS[1]) == 1 then redis.call('DEL', KEYS[1]) end
local closing = tonumber(ARGV[1])
if closing > 0 then
  local time = redis.call('TIME')
  local deadline = time[1] * 1000 + math.floor(time[2] / 1000) + closing
  for index = 2, #ARGV do redis.call('ZADD', KEYS[2], deadline, ARGV[index]) end
  redis.call('PEXPIRE', KEYS[2], closing)
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

/** KEYS notices of a node; ARGV what they are kept for in ms, the notice. At most 10 000 wait for one node. */
export const NOTIFY = script(`
redis.call('RPUSH', KEYS[1], ARGV[2])
redis.call('LTRIM', KEYS[1], -10000, -1)
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

/** KEYS leases, gone [, tenant, fleet]; ARGV ttl ms, node or nothing for all. Answers the ids that were freed. */
export const FREE = script(`${CLOCK}
local freed = {}
for _, id in ipairs(ids(KEYS[1])) do
  if ARGV[2] == '' or string.sub(id, 9, 14) == ARGV[2] then
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
