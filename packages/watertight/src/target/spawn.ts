import { basename } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout } from 'node:timers';
import { TargetError } from './failure.ts';
import { candidatesOf, chooseAddress, findElsewhere, type Found, type Probed } from './find-address.ts';
import { freePort } from './free-port.ts';
import { nodeWordsOf, withInspectPort } from './node-options.ts';
import { PythonLines, runsPython } from './python-lines.ts';
import { describeProbe } from './probe.ts';
import { describeProcess, hasProc, isNodeName, processTree } from './proc.ts';
import { SpawnedCommand } from './spawned.ts';
import { servingProcesses } from './serving.ts';
import type { StartedNode, Target, TargetFailure } from './types.ts';
import { isThere } from './wait-for.ts';
import { wayIn } from './way-in.ts';

const POLL_MS = 15;
const PROBE_TIMEOUT_MS = 2_000;
/** How long a port that answers as a web server may take to become a WebSocket server, or the one for these to be opened beside it. */
const UPGRADE_PATIENCE_MS = 6_000;
/** What was started first may listen last, when it waits for what it started. */
const OUTER_PATIENCE_MS = 400;
/** How often it is asked whether a port takes WebSockets at another path: that costs more than one question. */
const ELSEWHERE_EVERY_MS = 700;

export interface SpawnOptions {
  /** Program and arguments; no shell reads them. */
  readonly command: readonly string[];
  readonly cwd?: string | undefined;
  /** Default: our own. */
  readonly env?: NodeJS.ProcessEnv | undefined;
  /** Path of the WebSocket; default `/`. */
  readonly path?: string | undefined;
  /** Asked about an address where no upgrade is accepted at this path: whether a WebSocket is found there all the same. */
  readonly speaksElsewhere?: ((url: URL) => Promise<boolean>) | undefined;
  /** A text in the output, or a URL that answers, to wait for before the port is looked for. */
  readonly waitFor?: string | undefined;
  /** Until it listens; default 10 000. */
  readonly timeoutMs?: number | undefined;
  /** From SIGTERM to SIGKILL; default 2 000. */
  readonly graceMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A target we started, and so may end. */
export interface SpawnedTarget extends Target {
  /** The port its inspector opens on when it is asked to (SIGUSR1). */
  readonly inspectPort: number;
  /** Runs before the processes are ended, such as detaching the inspector: a target waits for its debugger to leave. */
  beforeEnd(step: () => Promise<void>): void;
}

/**
 * Starts a command in a process group of its own, finds the port on which it, or what it started, takes WebSockets.
 *
 * @throws {@link TargetError}; whatever was started has been ended by then.
 */
export async function spawnTarget(options: SpawnOptions): Promise<SpawnedTarget> {
  const { graceMs = 2_000, env = process.env } = options;
  const inspectPort = await freePort();
  const { env: withEnv, isAdded } = withInspectPort(env, options.command, inspectPort);
  const lines = runsPython(options.command) ? await PythonLines.open() : undefined;
  const command = await SpawnedCommand.start(
    options.command,
    options.cwd ?? process.cwd(),
    lines?.environment(withEnv) ?? withEnv,
    options.waitFor,
  ).catch(async (error: unknown) => {
    await lines?.close();
    throw error;
  });
  try {
    const found = await findAddress(command, options);
    command.markListening();
    const startedNode = isAdded ? startedNodeOf(command.pid, options.command, inspectPort) : undefined;
    return asTarget(command, found, { inspectPort, startedNode, graceMs, lines });
  } catch (error) {
    await command.end(graceMs);
    await lines?.close();
    throw error;
  }
}

async function findAddress(command: SpawnedCommand, options: SpawnOptions): Promise<Found> {
  const { path = '/', timeoutMs = 10_000, waitFor, signal } = options;
  const deadline = performance.now() + timeoutMs;
  let isReady = waitFor === undefined;
  let probes: readonly Probed[] = [];
  let firstSeenMs: number | undefined;
  let inner: Found | undefined;
  let firstFoundMs: number | undefined;
  let portsBefore = '';
  let rounds = 0;
  let askElsewhereAtMs = 0;
  for (;;) {
    signal?.throwIfAborted();
    if (command.failure) throw new TargetError(command.failure);
    isReady ||= await isThere(waitFor ?? '', command.tail);
    const candidates = isReady ? candidatesOf(command.pid, command.tail.text) : [];
    if (candidates.length > 0) {
      const chosen = await chooseAddress(candidates, path, PROBE_TIMEOUT_MS);
      let { found } = chosen;
      if (found === undefined && options.speaksElsewhere && performance.now() >= askElsewhereAtMs) {
        found = await findElsewhere(candidates, path, options.speaksElsewhere);
        askElsewhereAtMs = performance.now() + ELSEWHERE_EVERY_MS;
      }
      // Whoever has just begun to listen may not take WebSockets before it was asked once.
      const ports = candidates.map(({ port }) => port).join();
      rounds = ports === portsBefore ? rounds + 1 : 1;
      portsBefore = ports;
      if (found !== undefined && (found.pid === undefined || found.pid === command.pid)) return found;
      inner = found ?? inner;
      if (inner !== undefined) firstFoundMs ??= performance.now();
      const waitedMs = performance.now() - (firstFoundMs ?? Infinity);
      if (inner !== undefined && rounds > 1 && waitedMs >= OUTER_PATIENCE_MS) return inner;
      probes = chosen.probes;
      // Whoever opens ports one after another is not done yet.
      firstSeenMs = rounds > 1 ? (firstSeenMs ?? performance.now()) : performance.now();
    }
    const nowMs = performance.now();
    if (
      firstSeenMs !== undefined &&
      rounds > 1 &&
      nowMs > Math.min(deadline, firstSeenMs + UPGRADE_PATIENCE_MS) &&
      !command.failure
    ) {
      throw new TargetError(waitingFor(command, timeoutMs) ?? (await notWebSocket(command, probes, path)));
    }
    if (nowMs > deadline)
      throw new TargetError(waitingFor(command, timeoutMs) ?? neverListened(command, options, timeoutMs, isReady));
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

async function notWebSocket(command: SpawnedCommand, probes: readonly Probed[], path: string): Promise<TargetFailure> {
  const said = probes.map(({ port, probe }) => `port ${port}: ${describeProbe(probe)}`).join('; ');
  const ways = await Promise.all(probes.map(async ({ url, probe }) => await wayIn(url, probe)));
  const way =
    ways.find((it) => it !== '') ?? '. Is it at another --path, or opened later than that (--wait-for <text|url>)?';
  return {
    kind: 'not-websocket',
    message: `"${command.label}" listens, but no WebSocket server answers at the path ${path} (${said})${way}`,
    output: command.tail.lastLines(),
  };
}

function neverListened(
  command: SpawnedCommand,
  { waitFor }: SpawnOptions,
  timeoutMs: number,
  isReady: boolean,
): TargetFailure {
  const output = command.tail.lastLines();
  if (/EADDRINUSE/.test(command.tail.text)) {
    return {
      kind: 'port-taken',
      message: `"${command.label}" could not listen: its port is taken (EADDRINUSE)`,
      output,
    };
  }
  const missing = isReady ? 'listened on no TCP port' : `did not show ${JSON.stringify(waitFor)} (--wait-for)`;
  return { kind: 'never-listened', message: `"${command.label}" ${missing} within ${timeoutMs} ms`, output };
}

/** Said before anything else: what answers then is only its inspector. */
function waitingFor(command: SpawnedCommand, timeoutMs: number): TargetFailure | undefined {
  const waiting = processTree(command.pid).find(waitsForDebugger);
  if (waiting === undefined) return undefined;
  return {
    kind: 'never-listened',
    message: `${describeProcess(waiting)} waits for a debugger and so did not listen within ${timeoutMs} ms: leave out --inspect-brk or --inspect-wait`,
    output: command.tail.lastLines(),
  };
}

function waitsForDebugger(pid: number): boolean {
  return nodeWordsOf(pid).some((word) => /^--inspect-(brk|wait)(=|$)/.test(word));
}

/** Windows has no signal that asks for an inspector: the one of that name would end the process. */
function startedNodeOf(pid: number, [program = '']: readonly string[], inspectPort: number): StartedNode | undefined {
  const isAskable = !hasProc() && process.platform !== 'win32' && isNodeName(basename(program));
  return isAskable ? { pid, inspectPort } : undefined;
}

interface Surroundings {
  readonly inspectPort: number;
  readonly startedNode: StartedNode | undefined;
  readonly graceMs: number;
  readonly lines: PythonLines | undefined;
}

function asTarget(
  command: SpawnedCommand,
  found: Found,
  { inspectPort, startedNode, graceMs, lines }: Surroundings,
): SpawnedTarget {
  const steps: (() => Promise<void>)[] = [];
  const { pid } = found;
  const { pids, notes } = pid === undefined ? { pids: [], notes: [] } : servingProcesses(pid, found.inode);
  let ending: Promise<void> | undefined;
  return {
    label: command.label,
    url: found.url,
    pid: pids[0],
    pids,
    startedNode,
    lines,
    isOurs: true,
    notes,
    inspectPort,
    get failure() {
      return command.failure;
    },
    ended: command.ended,
    output: () => command.tail.lastLines(),
    complaints: () => command.complaints.all,
    beforeEnd: (step) => void steps.push(step),
    end: () => {
      ending ??= Promise.allSettled(steps.map((step) => step())).then(async () => {
        await command.end(graceMs);
        await lines?.close();
      });
      return ending;
    },
  };
}
