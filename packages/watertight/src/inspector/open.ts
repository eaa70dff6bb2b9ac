import { setTimeout as delay } from 'node:timers/promises';
import { listenersOf } from '../target/listening.ts';
import { FORGET_INSPECT_PORT } from '../target/node-options.ts';
import { isJustStarted } from '../target/proc.ts';
import type { StartedNode } from '../target/types.ts';
import {
  askForInspector,
  askStartedNode,
  findInspector,
  isNoLongerOpen,
  moveInspector,
  type OpenInspector,
} from './ask-by-signal.ts';
import { evaluate } from './evaluate.ts';
import { startGuardian, type Guardian } from './guardian.ts';
import { inTheWay, START_WITH_INSPECT } from './in-the-way.ts';
import { closeInspector, makeInsideView } from './inside.ts';
import { assertMayBeSignalled, assertPlaceIsFree, inspectPortOf, startedWithInspector } from './openable.ts';
import { InspectorSession } from './session.ts';
import type { InsideView, ProcessView } from './types.ts';
import { InsideViewError } from './unavailable.ts';

const POLL_MS = 5;
const CLOSED_WITHIN_MS = 500;
/** A process that was started a moment ago may not have set up its signals yet. */
const STARTING_MS = 1_000;

export interface OpenOptions {
  /** From the signal to an inspector that answers; default 2 000. */
  readonly timeoutMs?: number;
  /** The `ws:` address of an inspector that is known to be open: nothing is searched and nobody signalled. */
  readonly url?: string;
  /** Chooses among several factories of the process; default: the first that is open. */
  readonly factoryName?: string;
  /** Moves the inspector from its usual port to a free one, so that others of the same family can open theirs. */
  readonly moves?: boolean;
  /** For processes that outlive us: somebody closes what we opened even when we are killed. */
  readonly guarded?: boolean;
}

/** A view, and the inspector it looks through. */
export interface Door {
  readonly view: ProcessView;
  /** `127.0.0.1:9229`. */
  readonly address: string;
  /** Opened by us, and so closed by us. */
  readonly isOurs: boolean;
  /** Closes the view, and the inspector if it is ours; answers whether the inspector is closed. Idempotent. */
  close(): Promise<boolean>;
}

/**
 * Opens a view into a running Node process. An inspector that is open already is used and left open; else SIGUSR1 opens one,
 * which is closed with the view. The process is never signalled unless it is Node and handles the signal.
 *
 * @throws {@link InsideViewError} with the reason why there is no view.
 */
export async function openInsideView(pid: number, options: OpenOptions = {}): Promise<InsideView> {
  return (await openDoor(pid, options)).view;
}

/**
 * The same, with the inspector it looks through. `pid` may be unknown where `url` is given.
 *
 * @throws {@link InsideViewError} as {@link openInsideView} does.
 */
export async function openDoor(pid: number | undefined, options: OpenOptions = {}): Promise<Door> {
  if (options.url !== undefined) return await throughOpen(options.url, pid, options);
  if (pid === undefined) throw new InsideViewError('the process of the target is not on this machine, or not visible');
  await untilStarted(pid);
  const before = listenersOf([pid]);
  const port = startedWithInspector(pid) ? undefined : inspectPortOf(pid);
  const open = await findInspector(before.filter((listener) => port === undefined || listener.port === port));
  if (open !== undefined) return await throughOpen(open.url, pid, options);
  // Whoever opened one before us holds the port itself, which is no reason against us.
  assertPlaceIsFree(pid);
  const opened = await askForInspector(pid, before, options.timeoutMs ?? 2_000);
  if (opened !== undefined) return await throughOurs(opened, pid, options);
  const earlier = await findInspector(before);
  if (earlier !== undefined) return await throughOpen(earlier.url, pid, options);
  throw inTheWay(
    pid,
    `process ${pid} opened no inspector within ${options.timeoutMs ?? 2_000} ms of SIGUSR1: it handles the signal itself, or its inspector port is taken`,
    START_WITH_INSPECT,
  );
}

/**
 * The same for a Node that we started where the system shows nothing of processes. Whether it is the one that serves this port, or
 * only started who does, is asked of itself.
 *
 * @throws {@link InsideViewError} as {@link openInsideView} does.
 */
export async function openStartedNode(
  started: StartedNode,
  servedPort: number,
  options: OpenOptions = {},
): Promise<Door> {
  const { pid } = started;
  const timeoutMs = options.timeoutMs ?? 2_000;
  const opened = await askStartedNode(started, timeoutMs);
  if (opened === undefined)
    throw inTheWay(pid, `process ${pid} opened no inspector within ${timeoutMs} ms of SIGUSR1`, START_WITH_INSPECT);
  const door = await throughOurs(opened, pid, options);
  const isServing = await serves(opened.url, servedPort).catch(() => false);
  if (isServing) return door;
  await door.close();
  throw inTheWay(
    pid,
    `process ${pid}, which was started, does not serve port ${servedPort} itself, and what it started cannot be seen`,
    'Start the server itself (node server.js), or with --inspect=127.0.0.1:0 and give the address it prints as --inspect, to look inside.',
  );
}

/** Asks libuv for the addresses of the process: what the program defines on its servers is not called. */
async function serves(url: string, port: number): Promise<boolean> {
  const session = await InspectorSession.connect(url);
  try {
    return await evaluate<boolean>(session, SERVES, [port]);
  } finally {
    await session.close();
  }
}

const SERVES = `(port) => process._getActiveHandles().some((it) => {
  const handle = Object.getOwnPropertyDescriptor(it, '_handle')?.value;
  const address = {};
  return typeof handle?.getsockname === 'function' && handle.getsockname(address) === 0 && address.port === port;
})`;

async function untilStarted(pid: number): Promise<void> {
  const deadline = performance.now() + STARTING_MS;
  for (;;) {
    try {
      assertMayBeSignalled(pid);
      return;
    } catch (error) {
      if (performance.now() > deadline || !isJustStarted(pid)) throw error;
    }
    await delay(POLL_MS);
  }
}

/** Somebody else's inspector: nothing of it is closed. */
async function throughOpen(url: string, pid: number | undefined, { factoryName }: OpenOptions): Promise<Door> {
  const session = await InspectorSession.connect(url);
  try {
    const inside = await evaluate<number>(session, '() => process.pid');
    if (pid !== undefined && pid !== inside) {
      throw new InsideViewError(
        `the inspector at ${new URL(url).host} is that of a process ${inside}, not of process ${pid}`,
      );
    }
    const view = await makeInsideView(session, inside, false, factoryName);
    return { view, address: new URL(url).host, isOurs: false, close: () => view.close().then(() => false) };
  } catch (error) {
    await session.close();
    throw error;
  }
}

async function throughOurs(found: OpenInspector, pid: number, options: OpenOptions): Promise<Door> {
  let { url, listener } = found;
  let guardian: Guardian | undefined = options.guarded === true ? startGuardian(url) : undefined;
  let session = await InspectorSession.connect(url);
  try {
    if (!listener.isLoopback) {
      throw inTheWay(
        pid,
        `the inspector of process ${pid} opened on port ${listener.port} for others than this machine as well, and was closed at once`,
        'Start it with --inspect-port=127.0.0.1:<port>.',
      );
    }
    if (options.moves === true) {
      ({ url, listener } = await moveInspector(session, pid));
      session = await InspectorSession.connect(url);
      guardian?.dismiss();
      guardian = options.guarded === true ? startGuardian(url) : undefined;
    }
    await evaluate(session, FORGET_INSPECT_PORT);
    const view = await makeInsideView(session, pid, true, options.factoryName);
    let closing: Promise<boolean> | undefined;
    const close = async (): Promise<boolean> => {
      await view.close();
      const isClosed = await isNoLongerOpen(pid, listener, CLOSED_WITHIN_MS);
      // Who could not be closed, because the target stands still, may be closed by the guardian later.
      if (isClosed) guardian?.dismiss();
      return isClosed;
    };
    return { view, address: new URL(url).host, isOurs: true, close: () => (closing ??= close()) };
  } catch (error) {
    await closeInspector(session);
    await session.close();
    guardian?.dismiss();
    throw error;
  }
}
