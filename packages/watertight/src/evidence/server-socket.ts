import { readdir, readFile, readlink } from 'node:fs/promises';

/**
 * The server's end of one connection inside its process, found by the pair of ports. `undefined` where `/proc` does not
 * show it: on other systems, for processes of other users, and once the kernel has dropped the connection.
 */
export async function findServerSocket(
  pid: number,
  serverPort: number,
  clientPort: number,
): Promise<ServerSocket | undefined> {
  for (const table of ['tcp', 'tcp6']) {
    const inode = findInode(await readOr(`/proc/${pid}/net/${table}`), serverPort, clientPort);
    if (inode !== undefined) return (await holds(pid, inode)) ? { isHeld: () => holds(pid, inode) } : undefined;
  }
  return undefined;
}

export interface ServerSocket {
  /** Whether the process still has this socket open, whatever became of the connection. */
  isHeld(): Promise<boolean>;
}

/** Columns of `/proc/net/tcp`: number, local address, remote address, state, …, inode in the tenth. */
function findInode(table: string, serverPort: number, clientPort: number): string | undefined {
  for (const line of table.split('\n')) {
    const columns = line.trim().split(/\s+/);
    const inode = columns[9];
    if (
      inode !== undefined &&
      inode !== '0' &&
      endsInPort(columns[1], serverPort) &&
      endsInPort(columns[2], clientPort)
    )
      return inode;
  }
  return undefined;
}

function endsInPort(address: string | undefined, port: number): boolean {
  return address?.endsWith(`:${port.toString(16).toUpperCase().padStart(4, '0')}`) ?? false;
}

async function holds(pid: number, inode: string): Promise<boolean> {
  return (await socketInodes(pid)).has(inode);
}

/** Inodes of every socket a process has open; empty when it cannot be looked at. */
export async function socketInodes(pid: number): Promise<ReadonlySet<string>> {
  const directory = `/proc/${pid}/fd`;
  const descriptors = await readdir(directory).catch(() => []);
  const links = await Promise.all(
    descriptors.map((descriptor) => readlink(`${directory}/${descriptor}`).catch(() => '')),
  );
  return new Set(links.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? []));
}

async function readOr(path: string): Promise<string> {
  return await readFile(path, 'utf8').catch(() => '');
}

/** States of `/proc/net/tcp`, by their hexadecimal number. */
const STATES: Readonly<Record<string, string>> = {
  '01': 'ESTABLISHED',
  '02': 'SYN_SENT',
  '03': 'SYN_RECV',
  '04': 'FIN_WAIT1',
  '05': 'FIN_WAIT2',
  '06': 'TIME_WAIT',
  '07': 'CLOSE',
  '08': 'CLOSE_WAIT',
  '09': 'LAST_ACK',
  '0A': 'LISTEN',
  '0B': 'CLOSING',
};

/**
 * Sockets a process has open: those on the port it serves by TCP state, those it opened elsewhere as `elsewhere`, and as
 * `unconnected` those without a TCP connection, among them the ones whose connection is gone. `undefined` when not visible.
 */
export async function countSockets(
  pid: number,
  serverPort: number,
): Promise<Readonly<Record<string, number>> | undefined> {
  const inodes = await socketInodes(pid);
  if (inodes.size === 0) return undefined;
  const tables = await Promise.all(['tcp', 'tcp6'].map((table) => readOr(`/proc/${pid}/net/${table}`)));
  const kinds = new Map<string, string>();
  for (const line of tables.join('\n').split('\n')) {
    const columns = line.trim().split(/\s+/);
    const [, local, , state = '', , , , , , inode] = columns;
    if (inode !== undefined) kinds.set(inode, endsInPort(local, serverPort) ? (STATES[state] ?? state) : 'elsewhere');
  }
  const counts: Record<string, number> = {};
  for (const inode of inodes) {
    const kind = kinds.get(inode) ?? 'unconnected';
    counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return counts;
}
