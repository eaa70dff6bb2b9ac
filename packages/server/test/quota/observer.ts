import { WebSocket } from 'ws';
import { atEnd } from '../factory-kit.ts';
import { until } from '../guarded-server.ts';
import type { NodeOptions, NodeProcess } from './node-process.ts';
import type { RedisServer } from './redis-server.ts';

/** Seen from outside, by the sockets alone: how many of one user are open, and how many of these nobody has begun to close. */
export class Observer {
  readonly #user: string;
  readonly #open = new Set<WebSocket>();
  readonly #live = new Set<WebSocket>();
  mostLive = 0;
  mostOpen = 0;
  refused = 0;
  admitted = 0;
  /** Milliseconds from the close to the socket being gone, the longest. */
  slowestCloseMs = 0;
  lastCloseAtMs = 0;
  readonly closes: { readonly code: number; readonly reason: string }[] = [];

  constructor(user: string) {
    this.#user = user;
    atEnd(() => {
      for (const socket of this.#open) socket.terminate();
    });
  }

  get live(): number {
    return this.#live.size;
  }

  get open(): number {
    return this.#open.size;
  }

  get sockets(): readonly WebSocket[] {
    return [...this.#open];
  }

  /** The open socket, or nothing when it was refused. */
  async dial({ port }: { readonly port: number }, session?: string): Promise<WebSocket | undefined> {
    const of = session === undefined ? '' : `&session=${session}`;
    const socket = new WebSocket(`ws://127.0.0.1:${port}/?user=${encodeURIComponent(this.#user)}${of}`);
    socket.on('error', () => undefined);
    return new Promise((resolve) => {
      socket.once('open', () => {
        this.admitted += 1;
        this.#open.add(socket);
        this.#live.add(socket);
        this.mostLive = Math.max(this.mostLive, this.#live.size);
        this.mostOpen = Math.max(this.mostOpen, this.#open.size);
        resolve(socket);
      });
      socket.once('unexpected-response', (_request, response) => {
        response.resume();
        this.refused += 1;
        socket.terminate();
        resolve(undefined);
      });
      // A server that closes has begun to before we hear of it.
      socket.once('close', (code, reason) => {
        if (this.#open.has(socket)) this.closes.push({ code, reason: reason.toString() });
        this.#live.delete(socket);
        this.#open.delete(socket);
        resolve(undefined);
      });
    });
  }

  async fill(node: { readonly port: number }, count: number): Promise<void> {
    for (let index = 0; index < count; index += 1)
      if ((await this.dial(node)) === undefined) throw new Error(`${this.#user} was refused at ${index}`);
  }

  /** It counts as closed from here on, whatever the server knows. */
  close(socket: WebSocket, how: 'close' | 'terminate'): void {
    this.#live.delete(socket);
    const atMs = performance.now();
    this.lastCloseAtMs = atMs;
    socket.once('close', () => {
      this.slowestCloseMs = Math.max(this.slowestCloseMs, performance.now() - atMs);
    });
    socket[how]();
  }
}

/** Nothing of any user is left on the server, as its keys say. */
export async function untilNoLeases(server: RedisServer, withinMs: number): Promise<void> {
  await until(async () => !(await server.command('KEYS', 'wt:*:l')).includes('wt:'), 'no lease is left', withinMs);
}

/** How many leases of one user are on the server, as its keys say: the only user there is. */
export async function heldOn(server: RedisServer): Promise<number> {
  const keys = await server.command('KEYS', 'wt:*:l');
  const key = /wt:\{[^}]*\}:l\S*/.exec(keys)?.[0];
  if (key === undefined) return 0;
  // What has expired stands there until somebody touches the key, or the key expires.
  const [, seconds = '0'] = /^\*2\r?\n\$\d+\r?\n(\d+)/.exec(await server.command('TIME')) ?? [];
  const answer = await server.command('ZCOUNT', key, `(${Number(seconds) * 1000}`, '(inf');
  return Number(answer.slice(1));
}

/** A store that is late on a busy machine is not to be what is looked at: nobody gets in without it. */
export const RACING: NodeOptions = {
  clientTimeoutMs: 5000,
  lease: { leaseTtlMs: 30_000, renewIntervalMs: 10_000, commandTimeoutMs: 5000, whenStoreAway: 'fail-closed' },
};

/** Ten clients for each node that connect and leave, until there were so many attempts. */
export async function race(observer: Observer, nodes: readonly NodeProcess[], attempts: number): Promise<void> {
  let left = attempts;
  const client = async (node: NodeProcess): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const socket = await observer.dial(node);
      if (socket === undefined) continue;
      await new Promise((resolve) => setImmediate(resolve));
      observer.close(socket, left % 3 === 0 ? 'terminate' : 'close');
    }
  };
  await Promise.all(nodes.flatMap((node) => Array.from({ length: 10 }, () => client(node))));
}

/** Whoever asks without a pause keeps a node and Redis busy for as long as leases last. */
const ROUND_EVERY_MS = 50;

/** Asks for one slot of each user until all have got one. Whoever asks all in turn sees the last of them so much later: `roundMs`. */
export async function untilFree(
  node: NodeProcess,
  users: readonly string[],
  sinceMs: number,
): Promise<{ readonly freeAfterMs: number; readonly roundMs: number }> {
  let [waiting, roundMs] = [users, 0];
  while (waiting.length > 0) {
    const beganAtMs = performance.now();
    const refused: string[] = [];
    await new Promise((resolve) => setTimeout(resolve, ROUND_EVERY_MS));
    for (const user of waiting) if ((await node.ask('fill', { users: [user], each: 1 })) === 0) refused.push(user);
    roundMs = Math.max(roundMs, performance.now() - beganAtMs);
    waiting = refused;
    if (beganAtMs - sinceMs > 60_000) throw new Error(`${waiting.length} users get in nowhere after 60 s`);
  }
  return { freeAfterMs: performance.now() - sinceMs, roundMs };
}
