import type { RedisClient } from './client.ts';

/** Clients that belong to a quota: each needs one of its own. */
const TAKEN = new WeakSet<RedisClient>();

/** Why a client cannot serve a quota, one sentence each; empty when it can. */
export function clientProblems(client: unknown, commandTimeoutMs: number): readonly string[] {
  if (!isClient(client))
    return ['client must be a client of redis (node-redis), ioredis or iovalkey; it has neither sendCommand nor call'];
  if (TAKEN.has(client)) return ['client serves another quota already; each quota needs a connection of its own'];
  return 'call' in client ? ioProblems(client, commandTimeoutMs) : nodeProblems(client, commandTimeoutMs);
}

/** From now on it is the client of a quota. */
export function takeClient(client: RedisClient): void {
  TAKEN.add(client);
}

function isClient(client: unknown): client is RedisClient {
  if (typeof client !== 'object' || client === null) return false;
  return (
    ('call' in client && typeof client.call === 'function') ||
    ('sendCommand' in client && typeof client.sendCommand === 'function')
  );
}

/** ioredis and iovalkey: a cluster has the options of its connections apart. */
function ioProblems(client: object, commandTimeoutMs: number): readonly string[] {
  const outer = optionsOf(client);
  const { redisOptions } = outer;
  const own: Record<string, unknown> =
    typeof redisOptions === 'object' && redisOptions !== null ? { ...redisOptions } : outer;
  const problems: string[] = [];
  if (outer['enableOfflineQueue'] !== false)
    problems.push(
      'client must have enableOfflineQueue: false; it would hold admissions back until a connection is there again',
    );
  if (own['autoResendUnfulfilledCommands'] !== false)
    problems.push('client must have autoResendUnfulfilledCommands: false; it would repeat what was decided without it');
  if (!isWithin(own['commandTimeout'], commandTimeoutMs))
    problems.push(
      `client must have a commandTimeout from 1 to ${commandTimeoutMs} ms; got ${show(own['commandTimeout'])}`,
    );
  // A cluster may have it on either level.
  if ([own, outer].some(({ keyPrefix }) => typeof keyPrefix === 'string' && keyPrefix !== ''))
    problems.push('client must have no keyPrefix; the quota has a prefix of its own');
  if (own['stringNumbers'] === true)
    problems.push('client must not have stringNumbers: true; what the quota is answered are numbers');
  return problems;
}

/** node-redis: its command time-out covers only what has not been sent, so it may be left out. */
function nodeProblems(client: object, commandTimeoutMs: number): readonly string[] {
  // Sentinels keep their options to themselves. What they hold back is bounded by the quota all the same, and given back if it comes late.
  if ('getMasterNode' in client) return [];
  const outer = optionsOf(client);
  const { defaults, nodeClientOptions } = outer;
  const inner = [defaults, nodeClientOptions].find((value) => typeof value === 'object' && value !== null) ?? outer;
  const own = inner as Record<string, unknown>;
  const problems: string[] = [];
  if (own['disableOfflineQueue'] !== true)
    problems.push(
      'client must have disableOfflineQueue: true; it would hold admissions back until a connection is there again',
    );
  const commandOptions = own['commandOptions'] as
    | { readonly timeout?: unknown; readonly typeMapping?: unknown }
    | undefined;
  const timeout = commandOptions?.timeout;
  if (commandOptions?.typeMapping !== undefined)
    problems.push('client must have no commandOptions.typeMapping; what the quota is answered are numbers and texts');
  if (timeout !== undefined && !isWithin(timeout, commandTimeoutMs))
    problems.push(
      `client must have commandOptions.timeout from 1 to ${commandTimeoutMs} ms, or none; got ${show(timeout)}`,
    );
  return problems;
}

function optionsOf(client: object): Record<string, unknown> {
  const options: unknown = Reflect.get(client, 'options') ?? Reflect.get(client, '_options');
  return typeof options === 'object' && options !== null ? { ...options } : {};
}

function isWithin(timeout: unknown, mostMs: number): boolean {
  return typeof timeout === 'number' && timeout >= 1 && timeout <= mostMs;
}

function show(value: unknown): string {
  return typeof value === 'number' ? `${value} ms` : value === undefined ? 'none' : typeof value;
}
