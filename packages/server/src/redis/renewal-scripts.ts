import { CLOCK, KEPT_TIMES, script, THOUGH_FULL } from './script.ts';

/**
 * KEYS leases of each user, with its tenant and fleet where there are such limits; ARGV ttl ms, keys a user, then group by group: how many
 * ids each of its users has, how many users it has, 1 if their keys are to be kept longer, and the ids, user by user. Leases that have
 * expired and were taken by nobody live on. Answers now, and the places of those users for whom something is missing or too much.
 *
 * This runs for every lease all the time, so it makes the deadline a text once: Redis does that with a number in every command.
 */
export const RENEW = script(`${THOUGH_FULL}
local call = redis.call
local time = call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local deadline, kept, width = string.format('%.0f', now + ARGV[1]), string.format('%.0f', ARGV[1] * ${KEPT_TIMES}), tonumber(ARGV[2])
local news, at, user, total = {now}, 3, 1, #KEYS
while user <= total do
  local count, users, isKept = tonumber(ARGV[at]), tonumber(ARGV[at + 1]), ARGV[at + 2] == '1'
  at = at + 3
  for _ = 1, users do
    local isWhole, pairs = true, nil
    if count > 1 then
      pairs = {}
      for index = 1, count do
        pairs[index * 2 - 1] = deadline
        pairs[index * 2] = ARGV[at + index - 1]
      end
    end
    for index = user, user + width - 1 do
      local key, known = KEYS[index]
      if pairs then known = call('ZADD', key, 'XX', 'CH', unpack(pairs))
      else known = call('ZADD', key, 'XX', 'CH', deadline, ARGV[at]) end
      if known ~= count then isWhole = false end
      if isKept then call('PEXPIRE', key, kept) end
    end
    if not isWhole then news[#news + 1] = (user - 1) / width end
    at = at + count
    user = user + width
  end
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
export const MEND = script(`${CLOCK}${THOUGH_FULL}
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
    redis.call('PEXPIRE', scope, ttl * ${KEPT_TIMES})
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
if size(leases) == 0 then redis.call('DEL', leases) else redis.call('PEXPIRE', leases, ttl * ${KEPT_TIMES}) end
local answer = {now, size(leases)}
for id, fate in pairs(fates) do
  answer[#answer + 1] = id
  answer[#answer + 1] = fate
end
return answer
`);
