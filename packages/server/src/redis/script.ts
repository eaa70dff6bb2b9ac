import { createHash } from 'node:crypto';

/** A script with its name for the server's cache. */
export interface Script {
  readonly text: string;
  readonly sha: string;
}

export function script(text: string): Script {
  return { text, sha: createHash('sha1').update(text).digest('hex') };
}

/**
 * How many times as long as a lease its key is kept. A renewal prolongs that only when one time has passed, as it costs as much as the
 * renewal itself: so the key outlives every lease in it, even if a failover forgets that it was prolonged once.
 */
export const KEPT_TIMES = 4;

/**
 * Time comes from the server, so every node means the same by it. The leases of a user are one sorted set, member = id, score = deadline;
 * beside them stands one member that says whose they are: `=` and the user, `=tenant` NUL user where there are tenants, score `inf`.
 */
export const CLOCK = `
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
 * What a script begins with that adds nothing to what the server keeps, or next to nothing. A server whose memory is full refuses whatever may
 * need more, but never a script that has written already: without this no lease could be renewed there, though a renewal needs no memory.
 * No member is called like that.
 */
export const THOUGH_FULL = `redis.call('ZREM', KEYS[1], '')`;
