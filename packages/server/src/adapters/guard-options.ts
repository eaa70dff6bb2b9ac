import type { IncomingMessage } from 'node:http';

import { MAX_TIMER_MS } from '../clock.ts';
import { InvalidOptionsError, type Manager, type ManagerFactory } from '../index.ts';
import { unknownOptions } from '../given-options.ts';
import { show } from '../show.ts';
import type { Identity } from './identify.ts';
import {
  type Absences,
  type AddressOptions,
  type EarlyOptions,
  type HttpRefusalOptions,
  NETWORK_OPTIONS,
  type NetworkOptions,
  networkProblems,
} from './network-options.ts';

/** What every adapter has to know to decide over a client. */
export interface DecisionOptions<Request = IncomingMessage> {
  readonly factory: ManagerFactory;
  /** Who is this? May be async; the client may leave meanwhile. */
  readonly identify: (request: Request) => Identity | PromiseLike<Identity>;
  /** Milliseconds `identify` may take. Default 5 000; `false`: as long as it likes. */
  readonly identifyTimeoutMs?: number | false | undefined;
  /** Runs while the manager is pending, before the client is answered. Throwing refuses. */
  readonly init?: ((manager: Manager, request: Request) => unknown) | undefined;
}

/** What every adapter at an upgrade does about a hostile network. */
export interface UpgradeNetworkOptions extends AddressOptions, EarlyOptions, HttpRefusalOptions {}

/** Which upgrades of a server an adapter looks at. Of several that look at one, that made first takes it, and the others leave it alone. */
export interface UpgradeOptions extends DecisionOptions, UpgradeNetworkOptions {
  /** Only upgrades for this path are looked at. Default: every path. Not together with `handles`. */
  readonly path?: string;
  /** Only upgrades for which this answers `true` are looked at. Default: every upgrade. Not together with `path`. */
  readonly handles?: (request: IncomingMessage) => boolean;
}

/** What an adapter hands back. */
export interface Guard {
  readonly factory: ManagerFactory;
  /** Clients that are being decided. */
  readonly pendingCount: number;
  /** Stops looking at clients and refuses those that are being decided. Servers, sockets and factory stay open: they are yours. Idempotent. */
  close(): void;
}

/** The same options, for whoever knows a client by something else than the caller does. */
export function optionsFor<Theirs, Ours>(
  { identify, init, ...others }: DecisionOptions<Theirs> & NetworkOptions,
  theirs: (ours: Ours) => Theirs,
): DecisionOptions<Ours> & NetworkOptions {
  return {
    ...others,
    identify: (ours) => identify(theirs(ours)),
    init: init === undefined ? undefined : (manager, ours) => init(manager, theirs(ours)),
  };
}

const COMMON = ['factory', 'identify', 'identifyTimeoutMs', 'init', ...NETWORK_OPTIONS] as const;
/** Of adapters that share a server with others. */
export const OF_UPGRADES = ['path', 'handles'] as const;

/**
 * What is wrong with the options that all adapters share, one sentence each; `absences`: what this adapter cannot do, `own`: the names of
 * what it alone has.
 */
export function problemsOf(
  options: DecisionOptions<never> & Pick<UpgradeOptions, 'path' | 'handles'> & NetworkOptions,
  absences: Absences = {},
  own: readonly string[] = [],
): string[] {
  const { identifyTimeoutMs, init, path, handles } = options;
  const known: ReadonlySet<string> = new Set([...COMMON, ...own]);
  const problems = [...unknownOptions(options, known, ' here'), ...networkProblems(options, absences)];
  if (typeof options.factory?.admit !== 'function') problems.push('factory must be a manager factory');
  if (typeof options.identify !== 'function') problems.push('identify must be a function');
  if (init !== undefined && typeof init !== 'function') problems.push(`init must be a function, got ${show(init)}`);
  if (path !== undefined && handles !== undefined) problems.push('path and handles exclude each other');
  if (handles !== undefined && typeof handles !== 'function')
    problems.push(`handles must be a function, got ${show(handles)}`);
  if (path !== undefined) problems.push(...problemsOfPath(path));
  return [...problems, ...problemsOfTime('identifyTimeoutMs', identifyTimeoutMs)];
}

function problemsOfPath(path: unknown): string[] {
  if (typeof path !== 'string') return [`path must be a text, got ${show(path)}`];
  if (!path.startsWith('/')) return [`path must begin with /, got ${JSON.stringify(path)}`];
  return path.includes('?') ? [`path must be without a query, got ${JSON.stringify(path)}`] : [];
}

/** What is wrong with a time that may be switched off, in a sentence. */
export function problemsOfTime(key: string, valueMs: unknown): string[] {
  if (valueMs === undefined || valueMs === false) return [];
  if (typeof valueMs === 'number' && valueMs > 0 && valueMs <= MAX_TIMER_MS) return [];
  return [
    `${key} must be a number above 0 and at most ${MAX_TIMER_MS} ms, or false to switch it off; got ${show(valueMs)}`,
  ];
}

/** @throws InvalidOptionsError when there are problems. */
export function throwIfAny(problems: readonly string[]): void {
  if (problems.length > 0) throw new InvalidOptionsError(problems);
}
