import { allProcesses, fileDescriptors, isAlive } from './proc.ts';
import { listeningSockets } from './tcp-table.ts';

/** A port somebody listens on, and who. */
export interface Listener {
  readonly pid: number;
  readonly port: number;
  /** Address to reach it at from this machine, without brackets. */
  readonly host: string;
  /** Whether only this machine can reach it. */
  readonly isLoopback: boolean;
  readonly inode: number;
}

/** Inodes of the sockets a process holds. */
export function socketInodes(pid: number): Set<number> {
  const inodes = fileDescriptors(pid).map((target) => /^socket:\[(\d+)\]$/.exec(target)?.[1]);
  return new Set(inodes.filter((inode) => inode !== undefined).map(Number));
}

/** The ports these processes listen on, in the order in which they were opened (the kernel's numbers rise). */
export function listenersOf(pids: readonly number[]): Listener[] {
  const listeners = pids.flatMap((pid) => {
    const inodes = socketInodes(pid);
    const mine = listeningSockets(pid).filter((socket) => inodes.has(socket.inode));
    return mine.map((socket) => ({
      pid,
      port: socket.localPort,
      host: reachable(socket.localAddress),
      isLoopback: isLoopback(socket.localAddress),
      inode: socket.inode,
    }));
  });
  const seen = new Set<number>();
  return listeners.sort((a, b) => a.inode - b.inode).filter((it) => !seen.has(it.inode) && seen.add(it.inode));
}

/** The process that listens on a port of this machine, if it may be seen; of several that share it the oldest. */
export function pidListeningOn(port: number): number | undefined {
  const listening = listeningSockets(process.pid).filter((it) => it.localPort === port);
  if (listening.length === 0) return undefined;
  const holders = allProcesses()
    .filter(isAlive)
    .filter(({ pid }) => {
      const inodes = socketInodes(pid);
      return listening.some((socket) => inodes.has(socket.inode));
    });
  return holders.sort((a, b) => a.startedTicks - b.startedTicks || a.pid - b.pid)[0]?.pid;
}

/** Addresses stand in the table as 32-bit words in the byte order of the machine: little-endian wherever Node runs. */
function bytesOf(address: string): number[] {
  return (address.match(/.{8}/g) ?? [])
    .flatMap((word) => (word.match(/../g) ?? []).toReversed())
    .map((byte) => Number.parseInt(byte, 16));
}

function isLoopback(address: string): boolean {
  const bytes = bytesOf(address);
  if (bytes.length === 4) return bytes[0] === 127;
  const isMapped = bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 255;
  return isMapped ? bytes[12] === 127 : bytes.slice(0, 15).every((byte) => byte === 0) && bytes[15] === 1;
}

function reachable(address: string): string {
  const bytes = bytesOf(address);
  if (bytes.every((byte) => byte === 0)) return '127.0.0.1';
  if (bytes.length === 4) return bytes.join('.');
  const isMapped = bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 255;
  if (isMapped) return bytes.slice(12).join('.');
  const groups = Array.from({ length: 8 }, (_, index) =>
    (((bytes[index * 2] ?? 0) << 8) | (bytes[index * 2 + 1] ?? 0)).toString(16),
  );
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1);
}
