import type {
  EmergencyLevel,
  EmergencyPreview,
  ManagerFactory,
  SharedUsage,
  UserList,
  UserLook,
  UsersPage,
} from '@watertight/server';

import { RefusedRequest } from './answer.ts';
import type { EndedManager, EndLog } from './end-log.ts';

/** One user: what it holds here, everywhere, and how its last managers ended. */
export interface UserPage {
  readonly factory: string;
  readonly user: string;
  readonly look: UserLook;
  /** On all nodes together; `null` where limits are not shared. */
  readonly shared: SharedUsage | null;
  /** The store does not answer: `shared` is not known. */
  readonly isStoreAway: boolean;
  readonly ends: readonly EndedManager[];
}

/** What the reading requests answer; each takes its questions from the query of its URL. */
export class Reads {
  readonly #factories: ReadonlyMap<string, ManagerFactory>;
  readonly #ends: EndLog;

  constructor(factories: ReadonlyMap<string, ManagerFactory>, ends: EndLog) {
    this.#factories = factories;
    this.#ends = ends;
  }

  /** Without a name: the only one. */
  factoryOf(name: string | null): ManagerFactory {
    const all = [...this.#factories.values()];
    const factory = name === null ? (all.length === 1 ? all[0] : undefined) : this.#factories.get(name);
    if (factory !== undefined) return factory;
    throw new RefusedRequest(
      name === null ? 400 : 404,
      name === null ? 'factory is missing; there are several' : 'there is no factory of this name here',
    );
  }

  async users(query: URLSearchParams): Promise<UserList> {
    return await this.factoryOf(query.get('factory')).users({
      minHeld: numberIn(query, 'minHeld'),
      pageSize: numberIn(query, 'pageSize'),
      contains: query.get('contains') ?? undefined,
      cursor: query.get('cursor') ?? undefined,
    });
  }

  /** All nodes together, as the store has them. */
  async sharedUsers(query: URLSearchParams): Promise<UsersPage> {
    const { shared } = this.factoryOf(query.get('factory'));
    if (shared === undefined) throw new RefusedRequest(404, 'this factory shares its limits with no other node');
    return await shared.users({ minHeld: numberIn(query, 'minHeld'), cursor: query.get('cursor') ?? undefined });
  }

  async user(query: URLSearchParams): Promise<UserPage> {
    const factory = this.factoryOf(query.get('factory'));
    const user = neededIn(query, 'user');
    const look = factory.lookAt(user);
    const ends = this.#ends.newest({ factory: factory.name, user, count: 50 });
    let shared: SharedUsage | null = null;
    let isStoreAway = false;
    try {
      shared = (await factory.shared?.usage(user)) ?? null;
    } catch {
      isStoreAway = true;
    }
    return { factory: factory.name, user, look, shared, isStoreAway, ends };
  }

  ends(query: URLSearchParams): readonly EndedManager[] {
    const count = numberIn(query, 'count') ?? 100;
    if (!Number.isInteger(count) || count < 1 || count > 1000)
      throw new RefusedRequest(400, `count must be a whole number from 1 to 1000 ends; got ${count}`);
    return this.#ends.newest({
      factory: query.get('factory') ?? undefined,
      user: query.get('user') ?? undefined,
      reason: query.get('reason') ?? undefined,
      count,
    });
  }

  preview(query: URLSearchParams): EmergencyPreview {
    const level = levelOf(query.get('level') ?? 'moderate');
    return this.factoryOf(query.get('factory')).previewEmergencyCleanup(query.get('user') ?? undefined, { level });
  }
}

/** `force` needs a number of slots that a person would have to guess: it is not offered. */
export function levelOf(given: unknown): EmergencyLevel {
  if (given === 'conservative' || given === 'moderate') return given;
  throw new RefusedRequest(400, 'level must be conservative or moderate');
}

function neededIn(query: URLSearchParams, name: string): string {
  const value = query.get(name);
  if (value === null || value === '') throw new RefusedRequest(400, `${name} is missing`);
  return value;
}

function numberIn(query: URLSearchParams, name: string): number | undefined {
  const value = query.get(name);
  if (value === null || value === '') return undefined;
  const number = Number(value);
  if (Number.isNaN(number))
    throw new RefusedRequest(400, `${name} must be a number; got ${JSON.stringify(value.slice(0, 40))}`);
  return number;
}
