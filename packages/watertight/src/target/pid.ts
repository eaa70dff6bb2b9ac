import { TargetError } from './failure.ts';
import {
  answersLike,
  type Candidate,
  chooseAddress,
  findElsewhere,
  type Found,
  outermostFirst,
  rivalsOf,
  speaksAt,
} from './find-address.ts';
import { listenersOf, type Listener } from './listening.ts';
import { describeProbe } from './probe.ts';
import { describeProcess, familyOf, fileDescriptors, hasProc, isAlive, processRecord } from './proc.ts';
import { servingProcesses } from './serving.ts';
import type { Target } from './types.ts';
import { answeringUrl, portOf } from './url.ts';
import { watchRunning } from './watched.ts';
import { wayIn } from './way-in.ts';

export interface RunningOptions {
  /** Where its WebSocket server answers; default: what it listens on. */
  readonly url?: string | undefined;
  /** Path of the WebSocket where no `url` is given; default `/`. */
  readonly path?: string | undefined;
  /** For each question to a port; default 2 000. */
  readonly timeoutMs?: number | undefined;
  /** Asked about an address where no upgrade is accepted at this path: whether a WebSocket is found there all the same. */
  readonly speaksElsewhere?: ((url: URL) => Promise<boolean>) | undefined;
}

/**
 * A process that runs already, or one behind it: a wrapper such as npm is followed to what listens, a worker of a cluster to
 * all workers. It is never ended by us.
 *
 * @throws {@link TargetError} when there is no such process, it listens on no port, or on none that takes WebSockets,
 * and when several servers of their own stand behind it.
 */
export async function openPidTarget(pid: number, options: RunningOptions = {}): Promise<Target> {
  const record = processRecord(pid);
  if (!hasProc()) {
    if (options.url !== undefined)
      return watchRunning({ label: `process ${pid}`, ...(await nameless(pid, options.url, options)) });
    throw failed(`the ports of process ${pid} cannot be seen: this system has no /proc. Give --url as well`);
  }
  if (record === undefined || !isAlive(record)) throw failed(`there is no process ${pid}`);
  const label = describeProcess(pid);
  const listeners = listenersOf(familyOf(pid));
  const own = listeners.length > 0 ? listeners : listenersOf(servingAncestor(pid));
  if (own.length === 0 && fileDescriptors(pid).length === 0) {
    if (options.url !== undefined) return watchRunning({ label, ...(await nameless(pid, options.url, options)) });
    throw failed(
      `${label} belongs to another user: which ports it listens on cannot be seen. Run as that user, or give --url as well`,
    );
  }
  if (own.length === 0) {
    throw failed(
      `${label} and what it started listen on no TCP port. Is its server in another process? Then name that one, or give --url`,
      'never-listened',
    );
  }
  const found =
    options.url === undefined
      ? await findAmong(pid, own, label, options)
      : await foundByUrl(own, label, options.url, options);
  return watchRunning({ label, url: found.url, ...servingProcesses(found.pid ?? pid, found.inode) });
}

/** What it serves cannot be seen; the URL is taken on trust, and said to be. */
async function nameless(
  pid: number,
  url: string,
  { speaksElsewhere }: RunningOptions,
): Promise<Pick<Target, 'url' | 'pids' | 'notes'>> {
  const notes = [`whether ${describeProcess(pid)} is the server at ${url} cannot be seen here: that is taken as said.`];
  return { url: await answeringUrl(url, { speaksElsewhere }), pids: [pid], notes };
}

/** The primary of a cluster listens for its workers. */
function servingAncestor(pid: number): number[] {
  const { pids } = servingProcesses(pid);
  const parent = processRecord(pid)?.parentPid;
  return pids.includes(pid) && pids.length > 0 && parent !== undefined && isPrimaryOf(parent, pid) ? [parent] : [];
}

function isPrimaryOf(parent: number, pid: number): boolean {
  const { pids } = servingProcesses(parent);
  return pids.includes(pid) && !pids.includes(parent);
}

async function findAmong(
  pid: number,
  listeners: readonly Listener[],
  label: string,
  options: RunningOptions,
): Promise<Found> {
  const { path = '/', timeoutMs = 2_000, speaksElsewhere } = options;
  const candidates = outermostFirst(listeners, pid);
  const { found, isAccepted, probes } = await chooseAddress(candidates, path, timeoutMs);
  if (found !== undefined) {
    const isLike = async (one: Candidate): Promise<boolean> => await answersLike(isAccepted, one, path, timeoutMs);
    return theOnly(found, await rivalsOf(found, candidates, isLike), label);
  }
  if (speaksElsewhere !== undefined) {
    const isLike = async (one: Candidate): Promise<boolean> => await speaksAt(one, path, speaksElsewhere);
    const elsewhere = await findElsewhere(candidates, path, speaksElsewhere);
    if (elsewhere !== undefined) return theOnly(elsewhere, await rivalsOf(elsewhere, candidates, isLike), label);
  }
  const said = probes.map(({ port, probe }) => `port ${port}: ${describeProbe(probe)}`).join('; ');
  const ways = await Promise.all(probes.map(async ({ url, probe }) => await wayIn(url, probe)));
  const way = ways.find((it) => it !== '') ?? '. Is it at another --path?';
  throw failed(
    `${label} listens, but no WebSocket server answers at the path ${path} (${said})${way}`,
    'not-websocket',
  );
}

/** Nobody would know of the others that they were not examined. */
function theOnly(found: Found, rivals: readonly Candidate[], label: string): Found {
  if (rivals.length === 0) return found;
  const servers = [{ pid: found.pid, port: portOf(found.url) }, ...rivals].map(
    ({ pid, port }) => `${pid === undefined ? 'a process' : describeProcess(pid)} on port ${port}`,
  );
  throw failed(
    `behind ${label} are ${servers.length} servers that take WebSockets: ${servers.join('; ')}. Give --pid with the number of the one that is meant, or --url with its port`,
  );
}

async function foundByUrl(
  listeners: readonly Listener[],
  label: string,
  given: string,
  { timeoutMs = 2_000, speaksElsewhere }: RunningOptions,
): Promise<Found> {
  const url = await answeringUrl(given, { timeoutMs, speaksElsewhere });
  const listener = listeners.find(({ port }) => port === portOf(url));
  if (listener === undefined) {
    const ports = listeners.map(({ port }) => port).join(', ');
    throw failed(
      `--url ${given} and --pid name different servers: ${label} listens on port ${ports}, not on ${portOf(url)}`,
      'unreachable',
    );
  }
  return { url, pid: listener.pid, inode: listener.inode };
}

function failed(message: string, kind: 'not-found' | 'never-listened' | 'not-websocket' | 'unreachable' = 'not-found') {
  return new TargetError({ kind, message });
}
