import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { WebSocket } from 'ws';
import { atEnd } from '../factory-kit.ts';
import { until } from '../guarded-server.ts';
import type { RedisServer } from './redis-server.ts';

export interface NodeState {
  readonly awayForMs: number | null;
  readonly nodes: number;
  readonly nodeId: string;
  readonly leases: number;
  readonly events: { readonly away: number; readonly back: number; readonly lost: number };
  readonly served: number;
  readonly stats: Readonly<Record<string, number>>;
}

/** How a node is started; times are short so that a test is. */
export interface NodeOptions {
  readonly client?: 'ioredis' | 'node-redis';
  readonly lease?: Readonly<Record<string, unknown>>;
  readonly factory?: Readonly<Record<string, unknown>>;
  readonly execArgv?: readonly string[];
}

/** Of a lease in these tests. */
export const TTL_MS = 1500;
export const RENEW_MS = TTL_MS / 3;
const LEASE = { leaseTtlMs: TTL_MS, renewIntervalMs: RENEW_MS, noticeIntervalMs: 50 };

/** A server of its own process. */
export class NodeProcess {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (answer: unknown) => void>();
  #lastId = 0;
  port = 0;

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.on('message', ({ id, answer }: { id: number; answer: unknown }) => {
      this.#waiting.get(id)?.(answer);
      this.#waiting.delete(id);
    });
  }

  static async start(
    redisPort: number,
    { client = 'ioredis', lease, factory, execArgv = [] }: NodeOptions = {},
  ): Promise<NodeProcess> {
    const options = { client, redisPort, lease: { ...LEASE, ...lease }, factory: factory ?? {} };
    const child = fork(fileURLToPath(new URL('node-main.mjs', import.meta.url)), {
      env: { ...process.env, NODE_OPTIONS_JSON: JSON.stringify(options) },
      execArgv: [...execArgv],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const node = new NodeProcess(child);
    atEnd(() => node.kill());
    node.port = await new Promise<number>((resolve, reject) => {
      node.#waiting.set(0, (port) => resolve(port as number));
      child.once('exit', (code) => reject(new Error(`the node ended with ${code}`)));
    });
    return node;
  }

  /** A hundred of them at once would be a load of its own: one after another. */
  static async several(count: number, redisPort: number, options: NodeOptions = {}): Promise<NodeProcess[]> {
    const nodes: NodeProcess[] = [];
    for (let index = 0; index < count; index += 1) nodes.push(await NodeProcess.start(redisPort, options));
    return nodes;
  }

  get isAlive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  ask(command: 'held' | 'empty', user: string): Promise<number>;
  ask(command: 'fill', what: { readonly users: readonly string[]; readonly each: number }): Promise<number>;
  ask(command: 'state' | 'close'): Promise<NodeState>;
  ask(command: string, argument?: unknown): Promise<unknown> {
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.#child.send({ id, command, argument });
    });
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  async kill(): Promise<void> {
    if (!this.isAlive) return;
    const gone = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await gone;
  }
}

/** Seen from outside, by the sockets alone: how many of one user are open, and how many of these nobody has begun to close. */
export class Observer {
  readonly #user: string;
  readonly #open = new Set<WebSocket>();
  readonly #live = new Set<WebSocket>();
  mostLive = 0;
  mostOpen = 0;
  refused = 0;
  admitted = 0;

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

  /** The open socket, or nothing when it was refused. */
  async dial({ port }: { readonly port: number }): Promise<WebSocket | undefined> {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/?user=${this.#user}`);
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
      socket.once('close', () => {
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
    socket[how]();
  }
}

/** How many the store says a user holds, asked by a node that has a part of them. */
export async function heldByAll(nodes: readonly NodeProcess[], user: string): Promise<number> {
  const held = await Promise.all(nodes.filter(({ isAlive }) => isAlive).map((node) => node.ask('held', user)));
  return held.reduce((sum, one) => sum + one, 0);
}

/** Nothing of any user is left on the server, as its keys say. */
export async function untilNoLeases(server: RedisServer, withinMs: number): Promise<void> {
  await until(async () => !(await server.command('KEYS', 'wt:*:l')).includes('wt:'), 'no lease is left', withinMs);
}
