import { allProcesses, fileDescriptors, isAlive, readProc } from './proc.ts';

/** The kernel's numbers for the states of a TCP connection. */
const TCP_STATES = [
  '',
  'ESTABLISHED',
  'SYN_SENT',
  'SYN_RECV',
  'FIN_WAIT1',
  'FIN_WAIT2',
  'TIME_WAIT',
  'CLOSE',
  'CLOSE_WAIT',
  'LAST_ACK',
  'LISTEN',
  'CLOSING',
  'NEW_SYN_RECV',
] as const;
export type TcpState = Exclude<(typeof TCP_STATES)[number], ''> | 'UNKNOWN';

/** One line of the kernel's table of TCP sockets. */
export interface TcpSocket {
  readonly localAddress: string;
  readonly localPort: number;
  readonly remotePort: number;
  readonly state: TcpState;
  /** 0 when no process holds it any more. */
  readonly inode: number;
}

/** A port somebody listens on, and who. */
export interface Listener {
  readonly pid: number;
  readonly port: number;
  /** Address to reach it at from this machine, without brackets. */
  readonly host: string;
  readonly inode: number;
}

/** All TCP sockets in the network namespace of a process; empty when they may not be read. */
export function tcpSockets(pid: number): TcpSocket[] {
  return ['tcp', 'tcp6'].flatMap((table) => {
    const lines = (readProc(`${pid}/net/${table}`) ?? '').split('\n').slice(1);
    return lines.map(parseLine).filter((socket) => socket !== undefined);
  });
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
    const mine = tcpSockets(pid).filter((socket) => socket.state === 'LISTEN' && inodes.has(socket.inode));
    return mine.map((socket) => ({
      pid,
      port: socket.localPort,
      host: reachable(socket.localAddress),
      inode: socket.inode,
    }));
  });
  const seen = new Set<number>();
  return listeners.sort((a, b) => a.inode - b.inode).filter((it) => !seen.has(it.inode) && seen.add(it.inode));
}

/** The process that listens on a port of this machine, if it may be seen. */
export function pidListeningOn(port: number): number | undefined {
  const listening = tcpSockets(process.pid).filter((it) => it.state === 'LISTEN' && it.localPort === port);
  if (listening.length === 0) return undefined;
  return allProcesses()
    .filter(isAlive)
    .find(({ pid }) => {
      const inodes = socketInodes(pid);
      return listening.some((socket) => inodes.has(socket.inode));
    })?.pid;
}

function parseLine(line: string): TcpSocket | undefined {
  const [, local, remote, state, , , , , , inode] = line.trim().split(/\s+/);
  if (local === undefined || remote === undefined || state === undefined) return undefined;
  const [address = '', port = ''] = local.split(':');
  return {
    localAddress: address,
    localPort: Number.parseInt(port, 16),
    remotePort: Number.parseInt(remote.split(':')[1] ?? '', 16),
    state: TCP_STATES[Number.parseInt(state, 16)] || 'UNKNOWN',
    inode: Number(inode),
  };
}

/** Addresses stand in the table as 32-bit words in the byte order of the machine: little-endian wherever Node runs. */
function reachable(address: string): string {
  const bytes = (address.match(/.{8}/g) ?? [])
    .flatMap((word) => (word.match(/../g) ?? []).toReversed())
    .map((byte) => Number.parseInt(byte, 16));
  if (bytes.every((byte) => byte === 0)) return '127.0.0.1';
  if (bytes.length === 4) return bytes.join('.');
  const isMapped = bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 255;
  if (isMapped) return bytes.slice(12).join('.');
  const groups = Array.from({ length: 8 }, (_, index) =>
    (((bytes[index * 2] ?? 0) << 8) | (bytes[index * 2 + 1] ?? 0)).toString(16),
  );
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1);
}
