import { isIP } from 'node:net';

import { show } from '../show.ts';

/** Where clients come from, for the policies that go by it. */
export interface AddressOptions {
  /**
   * Proxies in front of this server, as addresses or networks (`'10.0.0.0/8'`, `'::1'`): only they are believed about where a client comes
   * from. Default: none, so it comes from the peer of the socket. Looked at only while a policy goes by remote address.
   */
  readonly trustedProxies?: readonly string[];
  /** The header in which those proxies say it, read from the right. Default `'x-forwarded-for'`; `'forwarded'` is RFC 7239. */
  readonly forwardedHeader?: 'x-forwarded-for' | 'forwarded';
}

/** What a client may send before it is known who it is. Nothing of it extends the time for `identify`. */
export interface EarlyOptions {
  /** Bytes a client may send before it is answered. Default 16 384. */
  readonly maxEarlyBytes?: number;
  /** Messages (frames) a client may send before it is answered. Default 16. */
  readonly maxEarlyMessages?: number;
}

/** Of adapters that refuse by a close code. */
export interface CloseRefusalOptions {
  /** Refusals a second that are explained by a close code; beyond, they are answered by something cheaper: HTTP, or the end of the connection. Default 100; `false`: all. */
  readonly maxCloseRefusalsPerSecond?: number | false;
}

/** Of adapters that refuse over HTTP. */
export interface HttpRefusalOptions {
  /** Refusals a second that are answered by HTTP; beyond, the connection is ended without an answer. Default 1 000; `false`: all. */
  readonly maxHttpRefusalsPerSecond?: number | false;
}

/** What an adapter does about a hostile network. */
export interface NetworkOptions extends AddressOptions, EarlyOptions, CloseRefusalOptions, HttpRefusalOptions {}

/** Of those, what cannot work at an adapter, and why: it is refused where it is set all the same. */
export type Absences = Readonly<Partial<Record<keyof NetworkOptions, string>>>;

/** Of adapters at an upgrade who refuse over HTTP and nothing else. */
export const WITHOUT_CLOSE_CODES: Absences = { maxCloseRefusalsPerSecond: 'clients are refused over HTTP here' };

/** Of adapters whose users say how clients are refused. */
export function absencesBy(refusal: 'http' | 'close' | undefined): Absences {
  return refusal === 'close'
    ? {}
    : { maxCloseRefusalsPerSecond: "clients are refused over HTTP unless refusal is 'close'" };
}

/** Of adapters who are given requests and responses. */
export const OF_REQUESTS: Absences = {
  ...WITHOUT_CLOSE_CODES,
  maxEarlyBytes:
    'Node has read the head of a request before anybody is asked, and leaves its body to whoever handles it',
  maxEarlyMessages: 'a request is one message',
};

export const NETWORK_DEFAULTS = {
  maxEarlyBytes: 16 * 1024,
  maxEarlyMessages: 16,
  maxCloseRefusalsPerSecond: 100,
  maxHttpRefusalsPerSecond: 1000,
} as const;

/** Units of those that may be `false`, and of those that may not. */
const BOUNDED = ['maxEarlyBytes', 'maxEarlyMessages'] as const;
const SWITCHABLE = ['maxCloseRefusalsPerSecond', 'maxHttpRefusalsPerSecond'] as const;
/** Their names. */
export const NETWORK_OPTIONS = [...BOUNDED, ...SWITCHABLE, 'trustedProxies', 'forwardedHeader'] as const;

/** What is wrong with them, one sentence each. */
export function networkProblems(options: NetworkOptions, absences: Absences): string[] {
  const problems: string[] = [];
  for (const key of NETWORK_OPTIONS) {
    const why = absences[key];
    if (why !== undefined && options[key] !== undefined) problems.push(`${key} cannot be set here: ${why}`);
  }
  const { trustedProxies = [], forwardedHeader = 'x-forwarded-for' } = options;
  problems.push(...problemsOfProxies(trustedProxies));
  if (forwardedHeader !== 'x-forwarded-for' && forwardedHeader !== 'forwarded')
    problems.push(`forwardedHeader must be 'x-forwarded-for' or 'forwarded', got ${JSON.stringify(forwardedHeader)}`);
  for (const key of BOUNDED) {
    const value = options[key] ?? NETWORK_DEFAULTS[key];
    if (!isCount(value)) problems.push(`${key} must be a whole number from 1, got ${String(value)}`);
  }
  for (const key of SWITCHABLE) {
    const value = options[key] ?? NETWORK_DEFAULTS[key];
    if (value !== false && !isCount(value))
      problems.push(`${key} must be a whole number from 1, or false to answer all; got ${String(value)}`);
  }
  return problems;
}

function problemsOfProxies(proxies: unknown): string[] {
  if (!Array.isArray(proxies))
    return [`trustedProxies must be a list of addresses or networks such as ['10.0.0.0/8'], got ${show(proxies)}`];
  return proxies
    .filter((proxy) => !isNetwork(proxy))
    .map((proxy) => `trustedProxies must be addresses or networks such as '10.0.0.0/8', got ${JSON.stringify(proxy)}`);
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 1;
}

function isNetwork(text: unknown): boolean {
  if (typeof text !== 'string') return false;
  const [address = '', prefix, ...rest] = text.split('/');
  const version = isIP(address);
  if (version === 0 || rest.length > 0) return false;
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (version === 4 ? 32 : 128));
}
