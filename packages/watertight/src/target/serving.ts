import { socketInodes } from './listening.ts';
import { allProcesses, describeProcess, isAlive, processRecord, startEnvironmentOf } from './proc.ts';

/** Who holds the connections that arrive on one listening socket. */
export interface Serving {
  /** Never empty. */
  readonly pids: readonly number[];
  /** Sentences for whoever reads the report. */
  readonly notes: readonly string[];
}

/**
 * A primary of `node:cluster` listens and hands every connection on: what connections leave behind is in its workers, and one
 * worker sees only a share of them. So all of them are named, and likewise all who were given the same listening socket.
 */
export function servingProcesses(listenerPid: number, inode?: number): Serving {
  const primary = isClusterWorker(listenerPid) ? processRecord(listenerPid)?.parentPid : listenerPid;
  const workers = primary === undefined ? [] : clusterWorkersOf(primary);
  if (workers.length > 0 && primary !== undefined) {
    const note = `${describeProcess(primary)} is the primary of a node:cluster and hands connections on: ${listing(workers)} examined, the primary is not. A worker that starts later is not either.`;
    return { pids: workers, notes: [note] };
  }
  const sharing = inode === undefined ? [] : holdersOf(inode).filter((pid) => pid !== listenerPid);
  if (sharing.length === 0) return { pids: [listenerPid], notes: [] };
  const pids = [listenerPid, ...sharing];
  return { pids, notes: [`several processes share the listening socket: ${listing(pids)} examined.`] };
}

/** The living workers of a cluster's primary, oldest first. */
function clusterWorkersOf(primaryPid: number): number[] {
  return allProcesses()
    .filter((it) => it.parentPid === primaryPid && isAlive(it) && isClusterWorker(it.pid))
    .sort((a, b) => a.startedTicks - b.startedTicks || a.pid - b.pid)
    .map((it) => it.pid);
}

/** `node:cluster` marks its workers in the environment they start with. */
function isClusterWorker(pid: number): boolean {
  return startEnvironmentOf(pid, 'NODE_UNIQUE_ID') !== undefined;
}

function holdersOf(inode: number): number[] {
  return allProcesses()
    .filter((it) => isAlive(it) && socketInodes(it.pid).has(inode))
    .map((it) => it.pid);
}

function listing(pids: readonly number[]): string {
  return pids.length === 1 ? `process ${String(pids[0])} is` : `processes ${pids.join(', ')} are`;
}
