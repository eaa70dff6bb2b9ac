import { InvalidOptionsError } from '../errors.ts';
import { unknownOptions } from '../given-options.ts';
import { type NumberRule, numberProblem } from '../number-rule.ts';
import { show } from '../show.ts';
import type { LeaseStore, LostPolicy } from './types.ts';

/** What happens to newcomers while the store is away. */
export type AwayPolicy = 'fail-open' | 'fail-closed' | 'local-only';

/** How leases are kept; all optional. */
export interface LeaseOptions {
  /** Milliseconds after which a lease that nobody renews is free: what a node that died holds, at the latest. Default 30 000. */
  readonly leaseTtlMs?: number;
  /** Milliseconds between two renewals, ± 20 %. Default: a third of `leaseTtlMs`, which is the most it may be. */
  readonly renewIntervalMs?: number;
  /**
   * A lease that the store does not know any more: `'assert'` (default) takes it again and drops nobody, except what is then over the limit,
   * newest first · `'strict'` closes its manager, `strictMarginMs` before its deadline.
   */
  readonly onLeaseLost?: LostPolicy;
  /** Milliseconds before the deadline at which `'strict'` closes. Default 2 000. */
  readonly strictMarginMs?: number;
  /**
   * While the store is away: `'fail-open'` (default) admits for `failOpenMs`, as many as this node's share of the limit beside what it held
   * before · `'fail-closed'` admits nobody · `'local-only'` holds each node to the whole limit by itself, however long.
   */
  readonly whenStoreAway?: AwayPolicy;
  /** Milliseconds from the first failure. Default 30 000. */
  readonly failOpenMs?: number;
  /** Nodes that share the limit while the store is away. Default: as many as lived when it was last seen. */
  readonly nodes?: number;
  /**
   * Milliseconds a command may take; an admission is never held back longer. Default 250. With `'strict'`, at most what is left of a lease when
   * its latest renewal is due.
   */
  readonly commandTimeoutMs?: number;
  /** Milliseconds between two looks at what other nodes have to say (a session taken over, a user near its limit). Default 1 000. */
  readonly noticeIntervalMs?: number;
  /** Milliseconds in which a refusal of the store holds for the next attempts of the user. Default 250; `false`: the store is asked each time. */
  readonly denialCacheMs?: number | false;
  /** Managers one tenant may hold on all nodes. Default `false`: no limit. Needs `tenantOf`. */
  readonly maxManagersPerTenant?: number | false;
  /** Managers all users together may hold on all nodes. Default `false`: no limit. */
  readonly maxManagersOfFleet?: number | false;
  /** The tenant of a user; pure and quick. `''`: none, and so where it throws, which is reported. Default: there are none. */
  readonly tenantOf?: (user: string) => string;
}

/** {@link LeaseOptions} as they are in force; `Infinity`: no limit. */
export interface LeaseTerms {
  readonly ttlMs: number;
  readonly renewIntervalMs: number;
  readonly onLost: LostPolicy;
  readonly strictMarginMs: number;
  readonly whenAway: AwayPolicy;
  readonly failOpenMs: number;
  /** `undefined`: as many as live. */
  readonly nodes: number | undefined;
  readonly commandTimeoutMs: number;
  readonly noticeIntervalMs: number;
  /** 0: not at all. */
  readonly denialCacheMs: number;
  readonly maxPerTenant: number;
  readonly maxOfFleet: number;
  readonly tenantOf: ((user: string) => string) | undefined;
}

/** A quota: where leases live, and how they are kept. Made by `memoryQuota` or `redisQuota`; given to `createManagerFactory`. */
export interface Quota {
  readonly store: LeaseStore;
  readonly terms: LeaseTerms;
}

/** Whether it is one, by its shape. */
export function isQuota(value: unknown): value is Quota {
  if (typeof value !== 'object' || value === null || !('store' in value) || !('terms' in value)) return false;
  const { store, terms } = value;
  return (
    typeof store === 'object' && store !== null && 'acquire' in store && typeof terms === 'object' && terms !== null
  );
}

/** Renewals come this much earlier or later, so that nodes started together do not renew together. */
export const JITTER_SHARE = 0.2;

const milliseconds = (fallback: number, min: number, max: number): NumberRule => ({
  default: fallback,
  min,
  max,
  integer: false,
  unit: ' ms',
  off: false,
});
const howMany = (off: boolean): NumberRule => ({
  default: false,
  min: 1,
  max: Number.MAX_SAFE_INTEGER,
  integer: true,
  unit: '',
  off,
});

/** Default, bounds, unit and off switch of every number. */
const LEASE_NUMBERS = {
  // The store counts in whole ones.
  leaseTtlMs: { ...milliseconds(30_000, 500, 3_600_000), integer: true },
  renewIntervalMs: milliseconds(10_000, 100, 1_200_000),
  strictMarginMs: milliseconds(2000, 0, 600_000),
  failOpenMs: milliseconds(30_000, 0, 86_400_000),
  nodes: howMany(true),
  commandTimeoutMs: milliseconds(250, 10, 10_000),
  noticeIntervalMs: milliseconds(1000, 50, 60_000),
  denialCacheMs: { ...milliseconds(250, 1, 60_000), off: true },
  maxManagersPerTenant: howMany(true),
  maxManagersOfFleet: howMany(true),
} as const satisfies Readonly<Record<string, NumberRule>>;

const POLICIES = {
  onLeaseLost: ['assert', 'strict'],
  whenStoreAway: ['fail-open', 'fail-closed', 'local-only'],
} as const;

/**
 * Validates everything at once. `problems` are those that the caller has found already.
 * @throws InvalidOptionsError naming every problem with its value, limit and unit.
 */
export function resolveTerms(
  given: LeaseOptions,
  others: ReadonlySet<string> = new Set(),
  found: readonly string[] = [],
): LeaseTerms {
  const known = new Set([...Object.keys(LEASE_NUMBERS), ...Object.keys(POLICIES), 'tenantOf', ...others]);
  const problems = [...found, ...unknownOptions(given, known, ' of a quota')];
  const number = (key: keyof typeof LEASE_NUMBERS): number | false => {
    const rule: NumberRule = LEASE_NUMBERS[key];
    const value: unknown = given[key] === undefined ? rule.default : given[key];
    const problem = numberProblem(key, value, rule);
    if (problem !== undefined) problems.push(problem);
    return value as number | false;
  };
  const milli = number as (key: keyof typeof LEASE_NUMBERS) => number;
  const { onLeaseLost = 'assert', whenStoreAway = 'fail-open', tenantOf } = given;
  for (const [key, value] of Object.entries({ onLeaseLost, whenStoreAway })) {
    const allowed: readonly string[] = POLICIES[key as keyof typeof POLICIES];
    if (!allowed.includes(value)) problems.push(`${key} must be one of ${allowed.join(', ')}; got ${show(value)}`);
  }
  if (tenantOf !== undefined && typeof tenantOf !== 'function') problems.push('tenantOf must be a function');
  const ttlMs = milli('leaseTtlMs');
  const maxPerTenant = number('maxManagersPerTenant');
  const terms: LeaseTerms = {
    ttlMs,
    renewIntervalMs: given.renewIntervalMs === undefined ? ttlMs / 3 : milli('renewIntervalMs'),
    onLost: onLeaseLost,
    strictMarginMs: given.strictMarginMs === undefined ? Math.min(2000, ttlMs / 10) : milli('strictMarginMs'),
    whenAway: whenStoreAway,
    failOpenMs: milli('failOpenMs'),
    nodes: number('nodes') || undefined,
    commandTimeoutMs: milli('commandTimeoutMs'),
    noticeIntervalMs: milli('noticeIntervalMs'),
    denialCacheMs: number('denialCacheMs') || 0,
    maxPerTenant: maxPerTenant === false ? Infinity : maxPerTenant,
    maxOfFleet: number('maxManagersOfFleet') || Infinity,
    tenantOf,
  };
  if (maxPerTenant !== false && tenantOf === undefined)
    problems.push(`maxManagersPerTenant (${maxPerTenant}) needs tenantOf, which says whose tenant a user is`);
  if (terms.renewIntervalMs > ttlMs / 3 + 1e-9)
    problems.push(`renewIntervalMs (${terms.renewIntervalMs} ms) must be at most a third of leaseTtlMs (${ttlMs} ms)`);
  if (terms.strictMarginMs >= ttlMs / 2)
    problems.push(`strictMarginMs (${terms.strictMarginMs} ms) must be below half of leaseTtlMs (${ttlMs} ms)`);
  // Of numbers that are none there is nothing to compute.
  if (problems.length === 0) problems.push(...problemsOfRenewal(terms));
  if (problems.length > 0) throw new InvalidOptionsError(problems);
  return Object.freeze(terms);
}

/** Who closes before a lease is over would close everybody while a store that is there answers as late as it may. */
function problemsOfRenewal({ ttlMs, renewIntervalMs, commandTimeoutMs, strictMarginMs, onLost }: LeaseTerms): string[] {
  const latestMs = renewIntervalMs * (1 + JITTER_SHARE);
  const mostMs = ttlMs - strictMarginMs - latestMs;
  if (onLost !== 'strict' || commandTimeoutMs <= mostMs + 1e-9) return [];
  return [
    `commandTimeoutMs (${commandTimeoutMs} ms) must be at most ${Math.floor(mostMs)} ms with onLeaseLost 'strict': renewals come up to ${Math.ceil(latestMs)} ms apart, and have to be answered strictMarginMs (${strictMarginMs} ms) before leaseTtlMs (${ttlMs} ms) is over`,
  ];
}
