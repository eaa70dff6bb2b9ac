import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { TargetError } from './failure.ts';
import { httpText } from './http-text.ts';
import { type InspectorAddress, parseInspectorAddress } from './inspector-address.ts';
import { pidListeningOn } from './listening.ts';
import { openPidTarget, type RunningOptions } from './pid.ts';
import { describeProcess, executableOf, isNodeName } from './proc.ts';
import type { Target } from './types.ts';
import { answeringUrl, isLocal } from './url.ts';
import { watchRunning } from './watched.ts';

const ASK_TIMEOUT_MS = 2_000;

/**
 * A Node process whose inspector is open already: it is used and left open. An address that is not this machine's loopback,
 * such as the forwarded port of a container, is taken because it was typed, and said to be an open door.
 *
 * @throws {@link TargetError} when nobody listens there, it is no inspector, or the server behind it cannot be found.
 */
export async function openInspectTarget(given: string, options: RunningOptions = {}): Promise<Target> {
  const address = parseInspectorAddress(given);
  if (address === undefined) throw failed(`--inspect is ${JSON.stringify(given)}; expected <host>:<port>`);
  const inspectorUrl = await debuggerUrlAt(address, given);
  const isLoopback = await isLocal(address.host);
  const notes = isLoopback
    ? []
    : [
        `the inspector at ${given} is an open door: whoever reaches that address can run any code in the target. It was open before us and is left open.`,
      ];
  const pid = isLoopback ? nodeListeningOn(address.port) : undefined;
  if (pid !== undefined) {
    const target = await openPidTarget(pid, options);
    if (target.pids.includes(pid)) {
      const others = target.pids.filter((it) => it !== pid);
      return watchRunning({
        ...target,
        label: `the inspector at ${given}`,
        pids: [pid],
        inspectorUrl,
        notes: [...notes, ...leftOut(pid, others)],
      });
    }
    // A primary of a cluster: its own inspector shows none of what its workers keep.
    throw failed(
      `the inspector at ${given} is that of ${describeProcess(pid)}, which hands its connections on to processes ${target.pids.join(', ')}: examine them with --pid ${pid}`,
    );
  }
  if (options.url === undefined) {
    throw failed(
      `which port the server behind the inspector at ${given} listens on cannot be seen from here: give --url as well`,
    );
  }
  return watchRunning({
    label: `the inspector at ${given}`,
    url: await answeringUrl(options.url, options),
    pids: [],
    inspectorUrl,
    notes,
  });
}

function leftOut(pid: number, others: readonly number[]): string[] {
  if (others.length === 0) return [];
  return [
    `only process ${pid} is examined; connections also go to ${others.join(', ')}, which are not: give --pid ${pid} to examine all.`,
  ];
}

/** A port forwarder or a proxy that holds the port is not the target. */
function nodeListeningOn(port: number): number | undefined {
  const pid = pidListeningOn(port);
  return pid !== undefined && isNodeName(executableOf(pid) ?? '') ? pid : undefined;
}

/**
 * The `ws:` address of the debugger that answers at an address: by number, since an inspector refuses requests that name a host.
 *
 * @throws {@link TargetError} when there is none.
 */
export async function debuggerUrlAt({ host, port }: InspectorAddress, given: string): Promise<string> {
  const numeric = isIP(host) === 0 ? (await lookup(host).catch(() => undefined))?.address : host;
  if (numeric === undefined) throw failed(`--inspect ${given}: there is no host ${host}`);
  const authority = `${numeric.includes(':') ? `[${numeric}]` : numeric}:${port}`;
  const answer = await httpText(new URL(`http://${authority}/json/list`), ASK_TIMEOUT_MS);
  if (answer === undefined) throw failed(`--inspect ${given}: nobody answers there within ${ASK_TIMEOUT_MS} ms`);
  const path = debuggerPath(answer.text);
  if (path === undefined)
    throw failed(`--inspect ${given}: what answers there is no inspector of Node (HTTP ${answer.status})`);
  return `ws://${authority}${path}`;
}

function debuggerPath(text: string): string | undefined {
  try {
    const [first] = JSON.parse(text) as { webSocketDebuggerUrl?: string }[];
    return first?.webSocketDebuggerUrl === undefined ? undefined : new URL(first.webSocketDebuggerUrl).pathname;
  } catch {
    return undefined;
  }
}

function failed(message: string): TargetError {
  return new TargetError({ kind: 'unreachable', message });
}
