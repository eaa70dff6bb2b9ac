import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { MemoryStore } from '../../src/quota/memory-store.ts';
import type {
  AcquireAnswer,
  AcquireRequest,
  BeatAnswer,
  LeaseItem,
  LeaseOwner,
  LeaseStore,
  Notice,
  RenewAnswer,
  RenewItem,
  UsersPage,
  UsersQuery,
} from '../../src/quota/types.ts';
import { leaseStoreSuite } from './lease-store.suite.ts';

/** Whoever renews is asked no more how many there may be of one kind. */
class RenewsWithoutLimit extends MemoryStore {
  readonly #kind: 'user' | 'tenant' | 'fleet';

  constructor(kind: 'user' | 'tenant' | 'fleet') {
    super();
    this.#kind = kind;
  }

  override renew(items: readonly RenewItem[], ttlMs: number, policy: 'assert' | 'strict'): Promise<RenewAnswer> {
    const generous = items.map((item) => ({ ...item, limits: { ...item.limits, [this.#kind]: Infinity } }));
    return super.renew(generous, ttlMs, policy);
  }
}

/** Stores that get one promise wrong each, and nothing else: the suite must turn red on it. */
const FAULTS: Readonly<Record<string, () => LeaseStore>> = {
  'QU1 looks first and takes later': () =>
    new (class extends MemoryStore {
      override async acquire(request: AcquireRequest): Promise<AcquireAnswer> {
        const { held } = await this.usage(request.owner);
        await nextTurn();
        const user = held < request.limits.user ? Infinity : request.limits.user;
        return super.acquire({ ...request, limits: { ...request.limits, user } });
      }
    })(),
  'QU2 counts a repeated attempt again': () =>
    new (class extends MemoryStore {
      #attempts = 0;
      override acquire(request: AcquireRequest): Promise<AcquireAnswer> {
        this.#attempts += 1;
        return super.acquire({ ...request, leaseId: `${request.leaseId}${this.#attempts}` });
      }
    })(),
  'QU2 counts down, whoever gives back': () =>
    new (class extends MemoryStore {
      override async release(items: readonly LeaseItem[], closingForMs: number): Promise<void> {
        for (const { owner, leaseIds } of items) {
          const [known] = await this.freeUser(owner).then(async (ids) => {
            for (const leaseId of ids.slice(leaseIds.length)) await this.acquire(plain(owner, leaseId));
            return ids;
          });
          if (known !== undefined) await super.release([{ owner, leaseIds: [known] }], closingForMs);
        }
      }
    })(),
  'QU3 never forgets': () =>
    new (class extends MemoryStore {
      override acquire(request: AcquireRequest): Promise<AcquireAnswer> {
        return super.acquire({ ...request, ttlMs: request.ttlMs * 1000 });
      }
    })(),
  'QU3 does not renew': () =>
    new (class extends MemoryStore {
      override async renew(): Promise<RenewAnswer> {
        return { nowMs: 0, news: [] };
      }
    })(),
  'QU4 takes everything again and says nothing': () =>
    new (class extends MemoryStore {
      override async renew(items: readonly RenewItem[], ttlMs: number): Promise<RenewAnswer> {
        const { nowMs } = await super.renew(items, ttlMs, 'assert');
        return { nowMs, news: [] };
      }
    })(),
  'QU5 keeps what is too much': () => new RenewsWithoutLimit('user'),
  'QU5 evicts when a limit was lowered': () =>
    new (class extends MemoryStore {
      override async renew(
        items: readonly RenewItem[],
        ttlMs: number,
        policy: 'assert' | 'strict',
      ): Promise<RenewAnswer> {
        const answer = await super.renew(items, ttlMs, policy);
        for (const { owner, leaseIds, limits } of items)
          await super.release([{ owner, leaseIds: leaseIds.slice(limits.user) }], 0);
        return answer;
      }
    })(),
  'QU6 knows no sessions': () =>
    new (class extends MemoryStore {
      override acquire(request: AcquireRequest): Promise<AcquireAnswer> {
        return super.acquire({ ...request, leaseId: request.leaseId.replace('~', '-') });
      }
    })(),
  'QU6 ends the old one of a session before it looks': () =>
    new (class extends MemoryStore {
      override async acquire(request: AcquireRequest): Promise<AcquireAnswer> {
        const answer = await super.acquire({ ...request, limits: { ...request.limits, user: Infinity } });
        if (!answer.granted || answer.held <= request.limits.user) return answer;
        await super.release([{ owner: request.owner, leaseIds: [request.leaseId] }], 0);
        return super.acquire(request);
      }
    })(),
  'QU7 counts nobody who is closing': () =>
    new (class extends MemoryStore {
      override release(items: readonly LeaseItem[]): Promise<void> {
        return super.release(items, 0);
      }
    })(),
  'QU17 gives back the first user only': () =>
    new (class extends MemoryStore {
      override release(items: readonly LeaseItem[], closingForMs: number): Promise<void> {
        return super.release(items.slice(0, 1), closingForMs);
      }
    })(),
  'QU8 looks at the tenant only': () =>
    new (class extends MemoryStore {
      override acquire(request: AcquireRequest): Promise<AcquireAnswer> {
        return super.acquire({ ...request, limits: { ...request.limits, fleet: Infinity } });
      }
    })(),
  'QU8 leaves something with the tenant when the fleet refuses': () =>
    new (class extends MemoryStore {
      override async acquire(request: AcquireRequest): Promise<AcquireAnswer> {
        const answer = await super.acquire(request);
        if (answer.granted || answer.by !== 'fleet') return answer;
        const limits = { user: Infinity, tenant: Infinity, fleet: Infinity };
        await super.acquire({ ...request, limits });
        return answer;
      }
    })(),
  'QU15 keeps what is too much of the fleet': () => new RenewsWithoutLimit('fleet'),
  'QU15 keeps what is too much of a tenant': () => new RenewsWithoutLimit('tenant'),
  'QU15 tells nobody whose turn it is to go': () =>
    new (class extends MemoryStore {
      override async renew(
        items: readonly RenewItem[],
        ttlMs: number,
        policy: 'assert' | 'strict',
      ): Promise<RenewAnswer> {
        const answer = await super.renew(items, ttlMs, policy);
        return { ...answer, news: answer.news.map((news) => ({ ...news, scopeOver: [] })) };
      }
    })(),
  'QU9 forgets overrides': () =>
    new (class extends MemoryStore {
      override async setOverride(): Promise<void> {
        // Nothing.
      }
    })(),
  'QU10 lists the first page only': () =>
    new (class extends MemoryStore {
      override async users(query: UsersQuery): Promise<UsersPage> {
        return { ...(await super.users(query)), cursor: undefined };
      }
    })(),
  'QU11 frees every node': () =>
    new (class extends MemoryStore {
      override async freeNode(): Promise<{ readonly freed: number; readonly cursor: undefined }> {
        const { users } = await this.users({ pageSize: 10_000 });
        for (const owner of users) await this.freeUser(owner);
        return { freed: 3, cursor: undefined };
      }
    })(),
  'QU12 delivers a notice twice': () =>
    new (class extends MemoryStore {
      override async beat(nodeId: string, ttlMs: number, known: number): Promise<BeatAnswer> {
        const answer = await super.beat(nodeId, ttlMs, known);
        for (const notice of answer.notices) await super.notify(nodeId, notice);
        return answer;
      }
    })(),
  'QU12 mixes up whom a notice is for': () =>
    new (class extends MemoryStore {
      override notify(nodeId: string, { kind }: Notice): Promise<void> {
        return super.notify(nodeId, { kind, user: 'somebody' });
      }
    })(),
  'QU13 names nobody': () =>
    new (class extends MemoryStore {
      override async acquire(request: AcquireRequest): Promise<AcquireAnswer> {
        return { ...(await super.acquire(request)), holders: [] };
      }
    })(),
};

/** The rules of the suite that a store breaks, of those that begin with a prefix. */
async function brokenBy(store: LeaseStore, prefix: string): Promise<readonly string[]> {
  const rules: { readonly name: string; readonly run: () => Promise<void> }[] = [];
  leaseStoreSuite(
    async () => ({ open: async () => store }),
    (name, run) => rules.push({ name, run }),
  );
  const broken: string[] = [];
  for (const { name, run } of rules.filter((rule) => rule.name.startsWith(`[${prefix}]`))) {
    try {
      await run();
    } catch {
      broken.push(name);
    }
  }
  return broken;
}

test.each(Object.keys(FAULTS))('[QU14] the suite turns red on a store that %s', async (fault) => {
  const [rule = ''] = fault.split(' ');
  expect(await brokenBy(FAULTS[fault]?.() ?? new MemoryStore(), rule)).not.toEqual([]);
});

test('[QU14] the suite stays green on a store that is whole', async () => {
  for (const rule of new Set(Object.keys(FAULTS).map((fault) => fault.split(' ')[0] ?? '')))
    expect(await brokenBy(new MemoryStore(), rule)).toEqual([]);
});

function plain(owner: LeaseOwner, leaseId: string): AcquireRequest {
  const limits = { user: Infinity, tenant: Infinity, fleet: Infinity };
  return { owner, leaseId, limits, maxClosing: Infinity, ttlMs: 10_000, nameHoldersFrom: Infinity };
}
