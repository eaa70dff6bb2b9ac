import { isIP } from 'node:net';

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

/** What an adapter at the upgrade does about a hostile network. */
export interface NetworkOptions extends AddressOptions {
  /** Bytes a client may send before its upgrade is answered. Default 16 384. */
  readonly maxEarlyBytes?: number;
  /** Messages (frames) a client may send before its upgrade is answered. Default 16. */
  readonly maxEarlyMessages?: number;
  /** Refusals a second that are explained by a close code, where `refusal` is `'close'`; beyond, they are answered by HTTP. Default 100; `false`: all. */
  readonly maxCloseRefusalsPerSecond?: number | false;
  /** Refusals a second that are answered by HTTP; beyond, the socket is destroyed without an answer. Default 1 000; `false`: all. */
  readonly maxHttpRefusalsPerSecond?: number | false;
}

export const NETWORK_DEFAULTS = {
  maxEarlyBytes: 16 * 1024,
  maxEarlyMessages: 16,
  maxCloseRefusalsPerSecond: 100,
  maxHttpRefusalsPerSecond: 1000,
} as const;

/** Units of those that may be `false`, and of those that may not. */
const BOUNDED = ['maxEarlyBytes', 'maxEarlyMessages'] as const;
const SWITCHABLE = ['maxCloseRefusalsPerSecond', 'maxHttpRefusalsPerSecond'] as const;

/** What is wrong with them, one sentence each. */
export function networkProblems(options: NetworkOptions): string[] {
  const problems: string[] = [];
  const { trustedProxies = [], forwardedHeader = 'x-forwarded-for' } = options;
  for (const proxy of trustedProxies) {
    if (!isNetwork(proxy))
      problems.push(`trustedProxies must be addresses or networks such as '10.0.0.0/8', got ${JSON.stringify(proxy)}`);
  }
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
