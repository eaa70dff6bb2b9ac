import { lookup } from 'node:dns/promises';
import { isIPv4 } from 'node:net';
import { TargetError } from './failure.ts';
import { pidListeningOn } from './listening.ts';
import { describeProbe, probeUpgrade } from './probe.ts';
import type { Road } from './road.ts';
import { servingProcesses } from './serving.ts';
import type { SpawnOptions } from './spawn.ts';
import type { Target } from './types.ts';
import { wayIn } from './way-in.ts';
import { watchRunning } from './watched.ts';

export interface UrlOptions {
  /** For the answer to an upgrade; default 5 000. */
  readonly timeoutMs?: number | undefined;
  readonly speaksElsewhere?: SpawnOptions['speaksElsewhere'];
  /** Headers of the question; default: none. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** How it is reached; default: straight. */
  readonly road?: Road | undefined;
}

/**
 * A server that runs already. It is never ended by us.
 *
 * @throws {@link TargetError} when the URL is none, nobody answers there, or no WebSocket server does.
 */
export async function openUrlTarget(given: string, options: UrlOptions = {}): Promise<Target> {
  const url = await answeringUrl(given, options);
  const pid = (await isLocal(url.hostname)) ? pidListeningOn(portOf(url)) : undefined;
  const serving = pid === undefined ? { pids: [], notes: [] } : servingProcesses(pid);
  return watchRunning({ label: given, url, ...serving });
}

/** @throws {@link TargetError} as {@link openUrlTarget} does. */
export async function answeringUrl(given: string, options: UrlOptions = {}): Promise<URL> {
  const { timeoutMs = 5_000, speaksElsewhere, headers, road } = options;
  const url = parseTargetUrl(given);
  const probe = await probeUpgrade(url, timeoutMs, headers, road);
  const isFound = probe.kind === 'websocket' || (await speaksElsewhere?.(url));
  if (!isFound && probe.kind === 'unreachable') {
    throw new TargetError({
      kind: 'unreachable',
      message: `${given} cannot be reached (${probe.code})${await wayIn(url, probe)}`,
    });
  }
  if (!isFound) {
    throw new TargetError({
      kind: 'not-websocket',
      message: `${given} is not a WebSocket server: ${describeProbe(probe)}${await wayIn(url, probe)}`,
    });
  }
  return url;
}

/** The port a URL means, also when it names none. */
export function portOf(url: URL): number {
  return Number(url.port) || (url.protocol === 'wss:' ? 443 : 80);
}

/** @throws {@link TargetError} naming the value; `http:` and `https:` are taken for `ws:` and `wss:`. */
export function parseTargetUrl(given: string): URL {
  if (!URL.canParse(given)) throw unusable(given, 'it is no URL');
  const url = new URL(given);
  if (url.protocol === 'http:') url.protocol = 'ws:';
  if (url.protocol === 'https:') url.protocol = 'wss:';
  if (url.protocol !== 'ws:' && url.protocol !== 'wss:')
    throw unusable(given, `${url.protocol} is not ws:, wss:, http: or https:`);
  if (url.hash !== '') throw unusable(given, 'a WebSocket URL has no fragment');
  return url;
}

function unusable(given: string, why: string): TargetError {
  const shown = given.length > 80 ? `${given.slice(0, 80)}…` : given;
  return new TargetError({ kind: 'not-websocket', message: `${JSON.stringify(shown)} cannot be examined: ${why}` });
}

/** Whether a name or address means this machine's loopback. */
export async function isLocal(hostname: string): Promise<boolean> {
  try {
    const { address } = await lookup(hostname.replace(/^\[|\]$/g, ''));
    return isIPv4(address) ? address.startsWith('127.') : address === '::1';
  } catch {
    return false;
  }
}
