import type { Counts } from './counts.ts';
import * as listening from '../target/listening.ts';
import { socketsOn } from '../target/tcp-table.ts';

export interface ServerSocket {
  /** Whether the process still has this socket open, whatever became of the connection. */
  isHeld(): Promise<boolean>;
}

/**
 * The server's end of one connection inside its process, found by the pair of ports. `undefined` where `/proc` does not
 * show it: on other systems, for processes of other users, and once the kernel has dropped the connection.
 */
export async function findServerSocket(
  pid: number,
  serverPort: number,
  clientPort: number,
): Promise<ServerSocket | undefined> {
  const connections = await socketsOn(pid, serverPort);
  const socket = connections.find(
    (it) => it.inode !== 0 && it.localPort === serverPort && it.remotePort === clientPort,
  );
  if (socket === undefined) return undefined;
  const inode = String(socket.inode);
  const isHeld = async (): Promise<boolean> => (await socketInodes(pid)).has(inode);
  return (await isHeld()) ? { isHeld } : undefined;
}

/** Inodes of every socket a process has open; empty when it cannot be looked at. */
export async function socketInodes(pid: number): Promise<ReadonlySet<string>> {
  return new Set([...listening.socketInodes(pid)].map(String));
}

/**
 * Sockets a process has open: those on the port it serves by TCP state, all others as `other`: those to somewhere else,
 * and those whose connection is gone. `undefined` when not visible.
 */
export async function countSockets(pid: number, serverPort: number): Promise<Counts | undefined> {
  return await countSocketsTogether([pid], serverPort);
}

/** The same of several processes that serve one port; each socket counts once, however many of them hold it. */
export async function countSocketsTogether(pids: readonly number[], serverPort: number): Promise<Counts | undefined> {
  const [first] = pids;
  const held = await Promise.all(pids.map(async (pid) => await socketInodes(pid)));
  if (first === undefined || held.some((inodes) => inodes.size === 0)) return undefined;
  const served = (await socketsOn(first, serverPort)).filter(({ localPort }) => localPort === serverPort);
  const kinds = new Map(served.map((it) => [String(it.inode), it.state]));
  const counts: Record<string, number> = {};
  for (const inode of new Set(held.flatMap((inodes) => [...inodes]))) {
    const kind = kinds.get(inode) ?? 'other';
    counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return counts;
}
