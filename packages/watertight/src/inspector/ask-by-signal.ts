import { setTimeout as delay } from 'node:timers/promises';
import { httpText } from '../target/http-text.ts';
import { listenersOf, type Listener } from '../target/listening.ts';
import { hasProc } from '../target/proc.ts';
import type { StartedNode } from '../target/types.ts';
import type { InspectorSession } from './session.ts';
import { InsideViewError } from './unavailable.ts';

const POLL_MS = 5;
const ASK_TIMEOUT_MS = 500;
const MOVED_WITHIN_MS = 2_000;

/** An inspector that answers. */
export interface OpenInspector {
  /** Its `ws:` address. */
  readonly url: string;
  readonly listener: Listener;
}

/** Sends SIGUSR1 and waits for an inspector that was not there `before`; `undefined` when none came in time. */
export async function askForInspector(
  pid: number,
  before: readonly Listener[],
  timeoutMs: number,
): Promise<OpenInspector | undefined> {
  process.kill(pid, 'SIGUSR1');
  return await newInspector(pid, before, timeoutMs);
}

/** The same where nobody shows who listens where: it comes on the port that the process was started with. */
export async function askStartedNode(
  { pid, inspectPort }: StartedNode,
  timeoutMs: number,
): Promise<OpenInspector | undefined> {
  const listener: Listener = { pid, host: '127.0.0.1', port: inspectPort, isLoopback: true, inode: 0 };
  process.kill(pid, 'SIGUSR1');
  const deadline = performance.now() + timeoutMs;
  while (performance.now() < deadline) {
    const found = await findInspector([listener]);
    if (found !== undefined) return found;
    await delay(POLL_MS);
  }
  return undefined;
}

/**
 * Closes the inspector of this session and opens it again on a free port of 127.0.0.1. Processes of one family would all open
 * theirs on the same port. What a signal opens later is where it was before.
 */
export async function moveInspector(session: InspectorSession, pid: number): Promise<OpenInspector> {
  const before = listenersOf([pid]);
  const expression = `setImmediate((inspector) => {
    const port = process.debugPort;
    inspector.close();
    inspector.open(0, '127.0.0.1');
    process.debugPort = port;
  }, process.getBuiltinModule?.('node:inspector') ?? require('node:inspector')); undefined`;
  await session.call('Runtime.evaluate', { expression, silent: true, includeCommandLineAPI: true });
  await session.closedByTarget(MOVED_WITHIN_MS);
  const moved = await newInspector(pid, before, MOVED_WITHIN_MS);
  if (moved === undefined)
    throw new InsideViewError(`the inspector of process ${pid} could not be moved to a free port`);
  return moved;
}

/** The first of these ports that is an inspector's. */
export async function findInspector(listeners: readonly Listener[]): Promise<OpenInspector | undefined> {
  for (const listener of listeners) {
    const { host, port } = listener;
    const authority = host.includes(':') ? `[${host}]` : host;
    const answer = await httpText(new URL(`http://${authority}:${port}/json/list`), ASK_TIMEOUT_MS);
    const url = answer?.status === 200 ? debuggerUrl(answer.text) : undefined;
    if (url !== undefined) return { url, listener };
  }
  return undefined;
}

/** Whether nobody listens there any more, within a time. */
export async function isNoLongerOpen(pid: number, given: Listener, withinMs: number): Promise<boolean> {
  const isOpen = hasProc()
    ? () => listenersOf([pid]).some(({ inode }) => inode === given.inode)
    : async () => (await findInspector([given])) !== undefined;
  const deadline = performance.now() + withinMs;
  while (await isOpen()) {
    if (performance.now() > deadline) return false;
    await delay(POLL_MS);
  }
  return true;
}

async function newInspector(
  pid: number,
  before: readonly Listener[],
  timeoutMs: number,
): Promise<OpenInspector | undefined> {
  const known = new Set(before.map((listener) => listener.inode));
  const deadline = performance.now() + timeoutMs;
  while (performance.now() < deadline) {
    const found = await findInspector(listenersOf([pid]).filter((listener) => !known.has(listener.inode)));
    if (found !== undefined) return found;
    await delay(POLL_MS);
  }
  return undefined;
}

function debuggerUrl(text: string): string | undefined {
  try {
    const [first] = JSON.parse(text) as { webSocketDebuggerUrl?: string }[];
    return first?.webSocketDebuggerUrl;
  } catch {
    return undefined;
  }
}
