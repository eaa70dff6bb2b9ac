import { hasProc, parentsOf, processTree } from './proc.ts';
import { listenersOf } from './listening.ts';
import { isInspector, probeUpgrade, type Probe } from './probe.ts';
import { servingProcesses } from './serving.ts';

const SWITCHING_PROTOCOLS = 101;
const NOT_FOUND = 404;

/** A WebSocket address and who listens there. */
export interface Found {
  readonly url: URL;
  readonly pid: number | undefined;
  /** Of the listening socket. */
  readonly inode: number | undefined;
}

/** What a candidate answered. */
export interface Probed {
  readonly port: number;
  readonly url: URL;
  readonly probe: Probe;
}

export interface Candidate {
  readonly host: string;
  readonly port: number;
  readonly pid: number | undefined;
  readonly inode?: number;
}

/**
 * What the processes of a target listen on, the outermost first: what a server starts for itself stands behind it, and often
 * listens before it does. Of one process the oldest first. Where `/proc` cannot be read, what they print instead: a URL with a
 * port, or the words "port 3000" or ":3000".
 */
export function candidatesOf(leaderPid: number, output: string): Candidate[] {
  if (hasProc()) return outermostFirst(listenersOf(processTree(leaderPid)), leaderPid);
  const ports = [
    ...output.matchAll(/(?:(?:https?|wss?):\/\/[^\s/:]+|port|listening on|localhost)\D{0,3}(\d{2,5})\b/gi),
  ];
  return ports.map((match) => ({ host: '127.0.0.1', port: Number(match[1]), pid: undefined }));
}

/** Whoever stands nearest to `leaderPid` first; of one process the order stays. */
export function outermostFirst<T extends { readonly pid: number }>(listeners: readonly T[], leaderPid: number): T[] {
  const depth = ({ pid }: T): number => parentsOf(pid, leaderPid).length;
  return listeners.toSorted((one, other) => depth(one) - depth(other));
}

/** Asks every candidate for an upgrade; the first that switches protocols wins, else the first that refused. */
export async function chooseAddress(
  candidates: readonly Candidate[],
  path: string,
  timeoutMs: number,
): Promise<{
  readonly found: Found | undefined;
  /** Whether it switched protocols. */
  readonly isAccepted: boolean;
  readonly probes: readonly Probed[];
}> {
  const probes: Probed[] = [];
  let refusing: Found | undefined;
  for (const candidate of candidates) {
    const url = addressOf(candidate, path);
    const probe = await probeUpgrade(url, timeoutMs);
    if (await isServer(probe, candidate, candidates.length === 1)) {
      const found = { url, pid: candidate.pid, inode: candidate.inode };
      if (isAcceptance(probe)) return { found, isAccepted: true, probes };
      refusing ??= found;
    }
    probes.push({ port: candidate.port, url, probe });
  }
  return { found: refusing, isAccepted: false, probes };
}

/** An inspector refuses an upgrade at such a path; whoever switches protocols and is alone is the one. */
async function isServer(probe: Probe, { host, port }: Candidate, isAlone: boolean): Promise<boolean> {
  return probe.kind === 'websocket' && ((isAlone && isAcceptance(probe)) || !(await isInspector(host, port)));
}

function isAcceptance(probe: Probe): boolean {
  return probe.kind === 'websocket' && probe.status === SWITCHING_PROTOCOLS;
}

/** Whether a candidate takes WebSockets as the one that was found does; a web server knows no such page, and says so. */
export async function answersLike(
  isAccepted: boolean,
  candidate: Candidate,
  path: string,
  timeoutMs: number,
): Promise<boolean> {
  const probe = await probeUpgrade(addressOf(candidate, path), timeoutMs);
  const isLike = isAccepted ? isAcceptance(probe) : probe.kind === 'websocket' && probe.status !== NOT_FOUND;
  return isLike && (await isServer(probe, candidate, false));
}

/**
 * Servers of their own that take WebSockets on another port: not what stands behind the one that was found or before it, nor a worker of the same cluster.
 */
export async function rivalsOf(
  { url, pid, inode }: Found,
  candidates: readonly Candidate[],
  answers: (candidate: Candidate) => Promise<boolean>,
): Promise<readonly Candidate[]> {
  if (pid === undefined) return [];
  const together = new Set(servingProcesses(pid, inode).pids);
  const isApart = (other: number): boolean =>
    other !== pid &&
    !together.has(other) &&
    !parentsOf(other, pid).includes(pid) &&
    !parentsOf(pid, other).includes(other);
  const apart = candidates.filter(
    (one) => one.pid !== undefined && isApart(one.pid) && addressOf(one, url.pathname).port !== url.port,
  );
  const answered = await Promise.all(apart.map(answers));
  return apart.filter((_, index) => answered[index]);
}

/** The first candidate that takes WebSockets somewhere else than at this path. */
export async function findElsewhere(
  candidates: readonly Candidate[],
  path: string,
  speaksElsewhere: (url: URL) => Promise<boolean>,
): Promise<Found | undefined> {
  for (const candidate of candidates) {
    if (await speaksAt(candidate, path, speaksElsewhere))
      return { url: addressOf(candidate, path), pid: candidate.pid, inode: candidate.inode };
  }
  return undefined;
}

/** Whether a candidate takes WebSockets somewhere else than at this path. */
export async function speaksAt(
  candidate: Candidate,
  path: string,
  speaksElsewhere: (url: URL) => Promise<boolean>,
): Promise<boolean> {
  if (await isInspector(candidate.host, candidate.port)) return false;
  return await speaksElsewhere(addressOf(candidate, path));
}

function addressOf({ host, port }: Candidate, path: string): URL {
  const authority = host.includes(':') ? `[${host}]` : host;
  return new URL(path, `ws://${authority}:${port}`);
}
