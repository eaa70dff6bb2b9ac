import type { IncomingMessage } from 'node:http';

import { InvalidOptionsError, type ManagerFactory } from '@watertight/server';
import type { AlertRule } from '@watertight/server/alerts';

import { ACTION_NAMES, type ActionName } from './action-names.ts';

/** Who looks, as a function of the team's own tells. */
export interface Visitor {
  /** Named in the audit event of each action. */
  readonly name: string;
  /** `false`: may look and not act. Default: as `actions` of the dashboard says. */
  readonly mayAct?: boolean;
}

/** Options of {@link dashboard}. One of `factory` and `factories`, and one way to know who looks, have to be given. */
export interface DashboardOptions {
  readonly factory?: ManagerFactory;
  /** Several, each with a name of its own. */
  readonly factories?: readonly ManagerFactory[];
  /** Where it is on the server. Default `'/watertight'`; `'/'`: everywhere. */
  readonly basePath?: string;
  /** Who knows it may look, as a bearer token or by signing in on the page. At least 16 characters; compared in constant time. */
  readonly token?: string;
  /**
   * Decides in place of a token; `false`: nobody we know. What it throws is told to `onError` and lets nobody in, and so does an answer
   * that is not there within 5 s.
   */
  readonly authenticate?: (request: IncomingMessage) => boolean | Visitor | Promise<boolean | Visitor>;
  /** Nobody is asked who they are, and only this machine is let in: no proxy, no other host name, no other address. */
  readonly loopbackOnly?: boolean;
  /** What may be done. Default `false`: nothing. `true`: everything. */
  readonly actions?: boolean | readonly ActionName[];
  /** How often a snapshot is taken while somebody looks, in milliseconds. Default 1 000, at least 200. */
  readonly intervalMs?: number;
  /** Share of one core that snapshots may take; with more managers they come less often. Default 0.01, at most 0.5. */
  readonly maxCpuShare?: number;
  /** Ends that are remembered. Default 500, at most 100 000; 0: none. */
  readonly rememberedEnds?: number;
  /** Pages that may be open at once. Default 20. */
  readonly maxViewers?: number;
  /** Watch for alerts. Default `true`: every 15 s, by the rules that `@watertight/server/alerts` has. */
  readonly alerts?: boolean | ShownAlerts;
  /** What fails in here, or in `authenticate`. Default: a process warning. */
  readonly onError?: (error: unknown) => void;
}

/** How the dashboard watches for alerts. */
export interface ShownAlerts {
  /** How often the rules are looked at, in milliseconds; default 15 000, at least 100. */
  readonly intervalMs?: number;
  /** In place of those of `@watertight/server/alerts`. */
  readonly rules?: readonly AlertRule[];
}

export interface ResolvedOptions {
  readonly factories: ReadonlyMap<string, ManagerFactory>;
  /** Without a slash at its end; empty: everywhere. */
  readonly basePath: string;
  readonly token: string | undefined;
  readonly authenticate: DashboardOptions['authenticate'];
  readonly actions: ReadonlySet<ActionName>;
  readonly intervalMs: number;
  readonly maxCpuShare: number;
  readonly rememberedEnds: number;
  readonly maxViewers: number;
  readonly alerts: ShownAlerts | false;
  readonly onError: (error: unknown) => void;
}

const LEAST_TOKEN = 16;
const KNOWN: ReadonlySet<string> = new Set<keyof DashboardOptions>([
  'factory',
  'factories',
  'basePath',
  'token',
  'authenticate',
  'loopbackOnly',
  'actions',
  'intervalMs',
  'maxCpuShare',
  'rememberedEnds',
  'maxViewers',
  'alerts',
  'onError',
]);

/** Default, least, most and unit of every number. */
const NUMBERS = {
  intervalMs: [1000, 200, 3_600_000, ' ms'],
  maxCpuShare: [0.01, 0.000_1, 0.5, ''],
  rememberedEnds: [500, 0, 100_000, ' ends'],
  maxViewers: [20, 1, 10_000, ' viewers'],
} as const satisfies Readonly<Record<string, readonly [number, number, number, string]>>;

/** @throws InvalidOptionsError naming every problem with its value, limit and unit. */
export function resolveOptions(given: DashboardOptions): ResolvedOptions {
  throwIfNoOptions(given);
  const problems = Object.keys(given)
    .filter((key) => !KNOWN.has(key))
    .map((key) => `${key} is not an option of the dashboard`);
  const number = (key: keyof typeof NUMBERS): number => {
    const [fallback, least, most, unit] = NUMBERS[key];
    const value: unknown = given[key] ?? fallback;
    if (typeof value === 'number' && value >= least && value <= most) return value;
    problems.push(`${key} must be a number from ${least} to ${most}${unit}; got ${String(value)}`);
    return fallback;
  };
  const factories = resolveFactories(given, problems);
  problems.push(...accessProblems(given));
  if (given.onError !== undefined && typeof given.onError !== 'function')
    problems.push(`onError must be a function; got ${typeof given.onError}`);
  const { basePath = '/watertight', actions = false, alerts = true } = given;
  if (
    typeof basePath !== 'string' ||
    !/^(?:\/[\w.~-]+)*\/?$/.test(basePath) ||
    /(?:^|\/)\.{1,2}(?:\/|$)/.test(basePath)
  )
    problems.push(`basePath must be a path such as '/watertight'; got ${JSON.stringify(basePath)}`);
  const resolved: ResolvedOptions = {
    factories,
    basePath: basePath.replace(/\/$/, ''),
    token: given.token,
    authenticate: given.authenticate,
    actions: resolveActions(actions, problems),
    intervalMs: number('intervalMs'),
    maxCpuShare: number('maxCpuShare'),
    rememberedEnds: Math.floor(number('rememberedEnds')),
    maxViewers: number('maxViewers'),
    alerts: resolveAlerts(alerts, problems),
    onError: isolated(given.onError ?? warn),
  };
  if (problems.length > 0) throw new InvalidOptionsError(problems);
  return resolved;
}

/** Nothing could be read from it. */
export function throwIfNoOptions(given: unknown): void {
  if (typeof given === 'object' && given !== null && !Array.isArray(given)) return;
  throw new InvalidOptionsError([
    `options of a dashboard must be an object with a factory; got ${Array.isArray(given) ? 'a list' : String(given)}`,
  ]);
}

function isFactory(given: unknown): boolean {
  return typeof given === 'object' && given !== null && 'stats' in given && typeof given.stats === 'function';
}

function resolveFactories(
  { factory, factories = [] }: DashboardOptions,
  problems: string[],
): ReadonlyMap<string, ManagerFactory> {
  // A list that may not be changed is any list to the compiler once it was asked whether it is one.
  const isList: boolean = Array.isArray(factories);
  if (!isList) {
    problems.push('factories must be a list; for one there is factory');
    return new Map();
  }
  const all = [...(factory === undefined ? [] : [factory]), ...factories];
  if (!all.every(isFactory)) {
    problems.push('factory, and each of factories, must be a manager factory');
    return new Map();
  }
  if (all.length === 0) problems.push('factory, or factories, must be given: there is nothing to show');
  const byName = new Map<string, ManagerFactory>();
  for (const one of all) {
    if (byName.has(one.name))
      problems.push(
        `two factories are called '${one.name}'; give each a name of its own: createManagerFactory({ name })`,
      );
    byName.set(one.name, one);
  }
  return byName;
}

/** Nobody gets a dashboard that is open to everybody by having forgotten something. */
function accessProblems({ token, authenticate, loopbackOnly = false }: DashboardOptions): readonly string[] {
  const given = [token, authenticate, loopbackOnly || undefined].filter((way) => way !== undefined).length;
  if (given === 0)
    return [
      'token, authenticate or loopbackOnly must be given: a dashboard that knows nobody would be open to everybody',
    ];
  if (given > 1) return ['only one of token, authenticate and loopbackOnly may be given'];
  if (token !== undefined && typeof token !== 'string') return [`token must be a string; got ${typeof token}`];
  if (token !== undefined && token.length < LEAST_TOKEN)
    return [`token must have at least ${LEAST_TOKEN} characters; it has ${token.length}`];
  if (typeof loopbackOnly !== 'boolean') return [`loopbackOnly must be true or false; got ${typeof loopbackOnly}`];
  if (authenticate !== undefined && typeof authenticate !== 'function') return ['authenticate must be a function'];
  return [];
}

function resolveActions(given: unknown, problems: string[]): ReadonlySet<ActionName> {
  if (given === true) return new Set(ACTION_NAMES);
  if (given === false) return new Set();
  const named: readonly unknown[] = Array.isArray(given) ? given : [given];
  const unknown = named.filter((name) => !ACTION_NAMES.some((known) => known === name));
  if (unknown.length > 0)
    problems.push(
      `actions must be true, false or a list of ${ACTION_NAMES.join(', ')}; got ${unknown.map((name) => JSON.stringify(name)).join(', ')}`,
    );
  return new Set(ACTION_NAMES.filter((name) => named.includes(name)));
}

function resolveAlerts(given: boolean | ShownAlerts, problems: string[]): ShownAlerts | false {
  if (typeof given === 'boolean') return given ? {} : false;
  if (typeof given !== 'object' || given === null) {
    problems.push(`alerts must be true, false or { intervalMs, rules }; got ${JSON.stringify(given)}`);
    return false;
  }
  for (const key of Object.keys(given))
    if (key !== 'intervalMs' && key !== 'rules') problems.push(`alerts.${key} is not an option of the dashboard`);
  const { intervalMs = 15_000 } = given;
  if (!(intervalMs >= 100 && intervalMs <= 3_600_000))
    problems.push(`alerts.intervalMs must be a number from 100 to 3600000 ms; got ${String(intervalMs)}`);
  return given;
}

/** It is called where nobody can catch what it throws. */
function isolated(onError: (error: unknown) => void): (error: unknown) => void {
  return (error) => {
    try {
      onError(error);
    } catch {
      // Whoever is told of an error and fails must not end the process that it was told about.
    }
  };
}

function warn(error: unknown): void {
  process.emitWarning(`The dashboard met an error: ${String(error)}`, { code: 'WATERTIGHT_W_DASHBOARD' });
}
