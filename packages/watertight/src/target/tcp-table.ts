import { closeSync, openSync, readSync } from 'node:fs';
import { readFile } from 'node:fs/promises';

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

const TABLES = ['tcp', 'tcp6'] as const;
const CHUNK_BYTES = 64 * 1024;

/**
 * The sockets that listen, in the network namespace of a process; empty when they may not be read. They stand at the head of
 * the table, so that the connections of the whole machine behind them, tens of thousands at times, need not be read.
 */
export function listeningSockets(pid: number): TcpSocket[] {
  return TABLES.flatMap((table) => headOf(`/proc/${pid}/net/${table}`));
}

/**
 * The sockets with this port at one end, the listening one included. Read beside the event loop, and only lines that name the port are looked at:
 * with all that waits out its time the table may have megabytes, and whoever reads it must not stall meanwhile.
 */
export async function socketsOn(pid: number, port: number): Promise<TcpSocket[]> {
  const tables = await Promise.all(TABLES.map((table) => readFile(`/proc/${pid}/net/${table}`).catch(() => undefined)));
  return tables
    .flatMap((table) => (table === undefined ? [] : linesNaming(table, port)))
    .map(parseLine)
    .filter((socket) => socket !== undefined)
    .filter(({ localPort, remotePort }) => localPort === port || remotePort === port);
}

function headOf(path: string): TcpSocket[] {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch {
    return [];
  }
  try {
    const chunk = Buffer.alloc(CHUNK_BYTES);
    const sockets: TcpSocket[] = [];
    let rest = '';
    for (let length = readSync(file, chunk); length > 0; length = readSync(file, chunk)) {
      const lines = (rest + chunk.toString('latin1', 0, length)).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const socket = parseLine(line);
        if (socket === undefined) continue;
        if (socket.state !== 'LISTEN') return sockets;
        sockets.push(socket);
      }
    }
    return sockets;
  } catch {
    return [];
  } finally {
    closeSync(file);
  }
}

function linesNaming(table: Buffer, port: number): string[] {
  const wanted = `:${port.toString(16).toUpperCase().padStart(4, '0')} `;
  const lines: string[] = [];
  for (let found = table.indexOf(wanted); found !== -1;) {
    const start = table.lastIndexOf('\n', found) + 1;
    const newline = table.indexOf('\n', found);
    const end = newline === -1 ? table.length : newline;
    lines.push(table.toString('latin1', start, end));
    found = table.indexOf(wanted, end);
  }
  return lines;
}

function parseLine(line: string): TcpSocket | undefined {
  const [, local, remote, state, , , , , , inode] = line.trim().split(/\s+/);
  const [address = '', port] = local?.split(':') ?? [];
  if (port === undefined || remote === undefined || state === undefined) return undefined;
  return {
    localAddress: address,
    localPort: Number.parseInt(port, 16),
    remotePort: Number.parseInt(remote.split(':')[1] ?? '', 16),
    state: TCP_STATES[Number.parseInt(state, 16)] || 'UNKNOWN',
    inode: Number(inode),
  };
}
