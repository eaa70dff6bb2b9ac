import { lookup } from 'node:dns/promises';
import { isIPv4 } from 'node:net';
import { TargetError } from './failure.ts';
import { pidListeningOn } from './listening.ts';
import { describeProbe, probeUpgrade } from './probe.ts';
import type { SpawnOptions } from './spawn.ts';
import type { Target, TargetFailure } from './types.ts';

const WATCH_MS = 250;

/**
 * A server that runs already. It is never ended by us.
 *
 * @throws {@link TargetError} when the URL is none, nobody answers there, or no WebSocket server does.
 */
export async function openUrlTarget(
  given: string,
  options: { readonly timeoutMs?: number; readonly speaksElsewhere?: SpawnOptions['speaksElsewhere'] } = {},
): Promise<Target> {
  const { timeoutMs = 5_000, speaksElsewhere } = options;
  const url = parseTargetUrl(given);
  const probe = await probeUpgrade(url, timeoutMs);
  const isFound = probe.kind === 'websocket' || (await speaksElsewhere?.(url));
  if (!isFound && probe.kind === 'unreachable') {
    throw new TargetError({ kind: 'unreachable', message: `${given} cannot be reached (${probe.code})` });
  }
  if (!isFound) {
    throw new TargetError({
      kind: 'not-websocket',
      message: `${given} is not a WebSocket server: ${describeProbe(probe)}`,
    });
  }
  const pid = (await isLocal(url))
    ? pidListeningOn(Number(url.port) || (url.protocol === 'wss:' ? 443 : 80))
    : undefined;
  return watch(given, url, pid);
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

async function isLocal(url: URL): Promise<boolean> {
  try {
    const { address } = await lookup(url.hostname.replace(/^\[|\]$/g, ''));
    return isIPv4(address) ? address.startsWith('127.') : address === '::1';
  } catch {
    return false;
  }
}

function watch(label: string, url: URL, pid: number | undefined): Target {
  let failure: TargetFailure | undefined;
  let timer: NodeJS.Timeout | undefined;
  const ended = new Promise<TargetFailure>((resolve) => {
    if (pid === undefined) return;
    timer = setInterval(() => {
      if (isRunning(pid)) return;
      clearInterval(timer);
      failure = { kind: 'crashed', message: `the server at ${label} (process ${pid}) ended while it was examined` };
      resolve(failure);
    }, WATCH_MS).unref();
  });
  return {
    label,
    url,
    pid,
    get failure() {
      return failure;
    },
    ended,
    output: () => '',
    end: () => {
      clearInterval(timer);
      return Promise.resolve();
    },
  };
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
