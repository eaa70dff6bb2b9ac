import { hasProc, parentsOf, processTree } from './proc.ts';
import { listenersOf } from './listening.ts';
import { isInspector, probeUpgrade, type Probe } from './probe.ts';

/** A WebSocket address and who listens there. */
export interface Found {
  readonly url: URL;
  readonly pid: number | undefined;
  /** Of the listening socket. */
  readonly inode: number | undefined;
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
  if (hasProc()) {
    const depth = ({ pid }: { readonly pid: number }): number => parentsOf(pid, leaderPid).length;
    return listenersOf(processTree(leaderPid)).toSorted((one, other) => depth(one) - depth(other));
  }
  const ports = [
    ...output.matchAll(/(?:(?:https?|wss?):\/\/[^\s/:]+|port|listening on|localhost)\D{0,3}(\d{2,5})\b/gi),
  ];
  return ports.map((match) => ({ host: '127.0.0.1', port: Number(match[1]), pid: undefined }));
}

/** Asks every candidate for an upgrade; the first that switches protocols wins, else the first that refused. */
export async function chooseAddress(
  candidates: readonly Candidate[],
  path: string,
  timeoutMs: number,
): Promise<{
  readonly found: Found | undefined;
  readonly probes: readonly { readonly port: number; readonly probe: Probe }[];
}> {
  const probes: { port: number; probe: Probe }[] = [];
  let refusing: Found | undefined;
  for (const candidate of candidates) {
    const url = addressOf(candidate, path);
    const probe = await probeUpgrade(url, timeoutMs);
    if (
      probe.kind === 'websocket' &&
      // An inspector refuses an upgrade at such a path; whoever switches protocols and is alone is the one.
      ((candidates.length === 1 && probe.status === 101) || !(await isInspector(candidate.host, candidate.port)))
    ) {
      const found = { url, pid: candidate.pid, inode: candidate.inode };
      if (probe.status === 101) return { found, probes };
      refusing ??= found;
    }
    probes.push({ port: candidate.port, probe });
  }
  return { found: refusing, probes };
}

/** The first candidate that takes WebSockets somewhere else than at this path. */
export async function findElsewhere(
  candidates: readonly Candidate[],
  path: string,
  speaksElsewhere: (url: URL) => Promise<boolean>,
): Promise<Found | undefined> {
  for (const candidate of candidates) {
    const url = addressOf(candidate, path);
    if (await isInspector(candidate.host, candidate.port)) continue;
    if (await speaksElsewhere(url)) return { url, pid: candidate.pid, inode: candidate.inode };
  }
  return undefined;
}

function addressOf({ host, port }: Candidate, path: string): URL {
  const authority = host.includes(':') ? `[${host}]` : host;
  return new URL(path, `ws://${authority}:${port}`);
}
