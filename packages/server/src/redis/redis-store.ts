import { cursorProblem } from '../cursor.ts';
import { InvalidOptionsError } from '../errors.ts';
import { countByNode, sessionOf } from '../quota/lease-id.ts';
import type {
  AcquireAnswer,
  AcquireRequest,
  BeatAnswer,
  LeaseFate,
  LeaseItem,
  LeaseOwner,
  LeaseStore,
  LimitKind,
  LostPolicy,
  MissingLease,
  Notice,
  RenewAnswer,
  RenewItem,
  RenewNews,
  SharedUsage,
  UsersPage,
  UsersQuery,
} from '../quota/types.ts';
import { USERS_QUERY } from '../quota/users-query.ts';
import type { Connection } from './client.ts';
import type { Keys } from './keys.ts';
import { MEND, RENEW } from './renewal-scripts.ts';
import { groupsOf } from './renewal-groups.ts';
import type { Script } from './script.ts';
import { ACQUIRE, BEAT, CHANGED, COUNT, FREE, NOTIFY, RELEASE, USAGE } from './scripts.ts';
import { bound, limitFrom, listed, nameOf, noticeFrom, overridesFrom, ownerFrom } from './spelling.ts';

/** Users of one script: enough that its start costs little, few enough that others wait less than a millisecond. */
const USERS_PER_CALL = 100;
/** Notices wait this long for a node that does not fetch them: twice the longest that `noticeIntervalMs` may be. */
const NOTICES_MS = 120_000;

/** Leases on a Redis or Valkey server. */
export class RedisStore implements LeaseStore {
  readonly name = 'redis';
  readonly usersPerCall: number;
  readonly #connection: Connection;
  readonly #keys: Keys;
  readonly #ttlMs: number;

  constructor(connection: Connection, keys: Keys, ttlMs: number) {
    this.#connection = connection;
    this.#keys = keys;
    this.#ttlMs = ttlMs;
    // The keys of a script have to lie on one node of a cluster.
    this.usersPerCall = connection.isCluster && keys.scope !== 'fleet' ? 1 : USERS_PER_CALL;
  }

  async acquire({
    owner,
    leaseId,
    limits,
    maxClosing,
    ttlMs,
    nameHoldersFrom,
  }: AcquireRequest): Promise<AcquireAnswer> {
    const { leases, closing, override, gone, orders, scopes } = this.#keys.of(owner);
    const answer = await this.#run(
      ACQUIRE,
      [leases, closing, override, gone, ...scopes, ...orders],
      [
        leaseId,
        String(ttlMs),
        bound(limits.user),
        bound(maxClosing),
        nameOf(owner),
        bound(nameHoldersFrom),
        sessionOf(leaseId),
        bound(limits.tenant),
        bound(limits.fleet),
      ],
    );
    const [granted, nowMs, held, limit, by, retryAfterMs, takenOver, holders] = answer as [
      ...[number, number, number, number, LimitKind, number, string, string],
    ];
    if (granted === 1) return { granted: true, held, takenOver: listed(takenOver), holders: listed(holders), nowMs };
    return { granted: false, by, limit, held, retryAfterMs: retryAfterMs, holders: listed(holders), nowMs };
  }

  async renew(items: readonly RenewItem[], ttlMs: number, policy: LostPolicy): Promise<RenewAnswer> {
    const parts: Promise<RenewAnswer>[] = [];
    for (let from = 0; from < items.length; from += this.usersPerCall)
      parts.push(this.#renew(items.slice(from, from + this.usersPerCall), from, ttlMs, policy));
    const answers = await Promise.all(parts);
    return { nowMs: answers[0]?.nowMs ?? 0, news: answers.flatMap(({ news }) => news) };
  }

  async #renew(items: readonly RenewItem[], offset: number, ttlMs: number, policy: LostPolicy): Promise<RenewAnswer> {
    const keys: string[] = [];
    const args = [String(ttlMs), ''];
    const places: number[] = [];
    for (const { count, members, prolong } of groupsOf(items)) {
      args.push(String(count), String(members.length), prolong ? '1' : '0');
      for (const { item, index } of members) {
        const { leases, scopes } = this.#keys.of(item.owner);
        keys.push(leases, ...scopes);
        args.push(...item.leaseIds);
        places.push(index);
      }
    }
    args[1] = String(keys.length / Math.max(1, items.length));
    const [nowMs = 0, ...toldOf] = (await this.#run(RENEW, keys, args)) as number[];
    const news = await Promise.all(
      toldOf.flatMap((told) => {
        const index = places[told] ?? -1;
        const item = items[index];
        return item === undefined ? [] : [this.#mend(item, offset + index, ttlMs, policy)];
      }),
    );
    const isNews = ({ missing, othersOver, scopeOver }: RenewNews): boolean =>
      missing.length + othersOver.length + scopeOver.length > 0;
    return { nowMs, news: news.filter(isNews) };
  }

  async release(items: readonly LeaseItem[], closingForMs: number): Promise<void> {
    const parts: Promise<unknown>[] = [];
    for (let from = 0; from < items.length; from += this.usersPerCall)
      parts.push(this.#release(items.slice(from, from + this.usersPerCall), closingForMs));
    await Promise.all(parts);
  }

  #release(items: readonly LeaseItem[], closingForMs: number): Promise<unknown> {
    const keys: string[] = [];
    const args = [String(Math.ceil(closingForMs)), ''];
    for (const { owner, leaseIds } of items) {
      const { leases, closing, scopes } = this.#keys.of(owner);
      keys.push(leases, ...scopes);
      if (closingForMs > 0) keys.push(closing);
      args.push(String(leaseIds.length), ...leaseIds);
    }
    args[1] = String(keys.length / Math.max(1, items.length));
    return this.#run(RELEASE, keys, args);
  }

  async closed(owner: LeaseOwner, leaseIds: readonly string[]): Promise<void> {
    const { closing } = this.#keys.of(owner);
    await this.#connection.send(closing, ['ZREM', closing, ...leaseIds]);
  }

  async beat(nodeId: string, ttlMs: number, knownOverrides: number): Promise<BeatAnswer> {
    const { nodes, overrides, overridesVersion } = this.#keys;
    const answer = await this.#run(
      BEAT,
      [nodes, this.#keys.noticesOf(nodeId), overrides, overridesVersion],
      [nodeId, String(ttlMs), String(knownOverrides)],
    );
    const [nowMs, count, version, notices, fields] = answer as [number, number, number, string[], string[]];
    return {
      nowMs,
      nodes: count,
      notices: notices.map(noticeFrom),
      overridesVersion: version,
      overrides: version === knownOverrides ? undefined : overridesFrom(fields),
    };
  }

  async leave(nodeId: string): Promise<void> {
    await this.#connection.send(this.#keys.nodes, ['ZREM', this.#keys.nodes, nodeId]);
  }

  async notify(nodeId: string, { kind, user }: Notice): Promise<void> {
    await this.#run(NOTIFY, [this.#keys.noticesOf(nodeId)], [String(NOTICES_MS), `${kind} ${user}`]);
  }

  /** The limit itself first: it counts from there on, whatever happens to the list for the nodes. */
  async setOverride(owner: LeaseOwner, maxManagers: number | null): Promise<void> {
    const { override } = this.#keys.of(owner);
    const { overrides, overridesVersion } = this.#keys;
    const field = nameOf(owner);
    if (maxManagers === null) {
      await this.#connection.send(override, ['DEL', override]);
      await this.#connection.send(overrides, ['HDEL', overrides, field]);
    } else {
      await this.#connection.send(override, ['SET', override, bound(maxManagers)]);
      await this.#connection.send(overrides, ['HSET', overrides, field, bound(maxManagers)]);
    }
    await this.#run(CHANGED, [overridesVersion], []);
  }

  async usage(owner: LeaseOwner): Promise<SharedUsage> {
    const { leases, closing, override } = this.#keys.of(owner);
    const answer = await this.#run(USAGE, [leases, closing, override], []);
    const [held, closers, own, leaseIds] = answer as [number, number, string, string[]];
    const maxManagers = own === '' ? undefined : limitFrom(own);
    return {
      user: owner.user,
      held,
      closing: closers,
      override: maxManagers,
      perNode: countByNode(leaseIds),
    };
  }

  async users({
    minHeld = USERS_QUERY.minHeld.default,
    cursor = '0:0',
    pageSize = USERS_QUERY.pageSize.default,
  }: UsersQuery): Promise<UsersPage> {
    const page = await this.#scan(cursor, Math.min(pageSize, USERS_QUERY.pageSize.max));
    const counts = await Promise.all(
      page.keys.map((key) => this.#run(COUNT, [key], [String(minHeld)]) as Promise<[number?, string?]>),
    );
    const users = counts.flatMap(([held, name]) =>
      held === undefined || name === undefined ? [] : [{ ...ownerFrom(name), held }],
    );
    return { users, cursor: page.cursor };
  }

  async freeUser(owner: LeaseOwner): Promise<readonly string[]> {
    return this.#free(owner);
  }

  async freeNode(
    nodeId: string,
    cursor: string | undefined,
  ): Promise<{ readonly freed: number; readonly cursor: string | undefined }> {
    const page = await this.users({ cursor });
    const freed = await Promise.all(page.users.map((owner) => this.#free(owner, nodeId)));
    return { freed: freed.reduce((sum, leaseIds) => sum + leaseIds.length, 0), cursor: page.cursor };
  }

  onReconnect(listener: () => void): () => void {
    for (const event of ['ready', 'node-ready']) this.#connection.on(event, listener);
    return () => {
      for (const event of ['ready', 'node-ready']) this.#connection.off(event, listener);
    };
  }

  async #mend(item: RenewItem, index: number, ttlMs: number, policy: LostPolicy): Promise<RenewNews> {
    const { leases, gone, orders, override, scopeGone, scopes } = this.#keys.of(item.owner);
    const { user, tenant, fleet } = item.limits;
    const answer = await this.#run(
      MEND,
      [leases, gone, override, ...scopes, ...orders, ...scopeGone],
      [String(ttlMs), policy, bound(user), bound(tenant), bound(fleet), nameOf(item.owner), ...item.leaseIds],
    );
    const [, held, ...pairs] = answer as [number, number, ...string[]];
    const missing: MissingLease[] = [];
    const othersOver: string[] = [];
    const scopeOver: string[] = [];
    for (let at = 0; at + 1 < pairs.length; at += 2) {
      const leaseId = pairs[at] ?? '';
      const fate = pairs[at + 1] as LeaseFate | 'other' | 'scope';
      if (fate === 'other') othersOver.push(leaseId);
      else if (fate === 'scope') scopeOver.push(leaseId);
      else missing.push({ leaseId, fate });
    }
    return { index, held, missing, othersOver, scopeOver };
  }

  async #free(owner: LeaseOwner, ...nodeId: [] | [string]): Promise<readonly string[]> {
    const { leases, gone, scopes } = this.#keys.of(owner);
    return (await this.#run(FREE, [leases, gone, ...scopes], [String(this.#ttlMs), ...nodeId])) as string[];
  }

  /** One page of keys: `<shard>:<cursor of the shard>`. */
  async #scan(
    cursor: string,
    pageSize: number,
  ): Promise<{ readonly keys: readonly string[]; readonly cursor: string | undefined }> {
    const [, shardText = '', from = ''] = /^(\d{1,9}):(\d{1,20})$/.exec(cursor) ?? [];
    if (from === '') throw new InvalidOptionsError([cursorProblem(cursor)]);
    const shard = Number(shardText);
    const shards = this.#connection.shards();
    const send = shards[shard];
    if (send === undefined) throw new InvalidOptionsError([cursorProblem(cursor)]);
    const answer = await send(['SCAN', from, 'MATCH', this.#keys.pattern, 'COUNT', String(pageSize)]);
    const [next, keys] = answer as [string | number, string[]];
    if (String(next) !== '0') return { keys, cursor: `${shard}:${next}` };
    return { keys, cursor: shard + 1 < shards.length ? `${shard + 1}:0` : undefined };
  }

  /** By its hash; a server that does not know it is told the text. */
  #run(script: Script, keys: readonly string[], args: readonly string[]): Promise<unknown> {
    const [key = ''] = keys;
    const told = this.#connection.send(key, ['EVALSHA', script.sha, String(keys.length), ...keys, ...args]);
    return told.then(undefined, (error: unknown) => {
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
      return this.#connection.send(key, ['EVAL', script.text, String(keys.length), ...keys, ...args]);
    });
  }
}
