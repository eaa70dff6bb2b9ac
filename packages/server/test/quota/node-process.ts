import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { DrainOptions } from '../../src/drain-options.ts';
import type { SharedUsage, UsersPage, UsersQuery } from '../../src/quota/types.ts';
import { atEnd } from '../factory-kit.ts';

export interface NodeState {
  readonly awayForMs: number | null;
  readonly nodes: number;
  readonly nodeId: string;
  readonly leases: number;
  readonly events: { readonly away: number; readonly back: number; readonly lost: number };
  readonly served: number;
  readonly stats: Readonly<Record<string, number>>;
  readonly timeouts: number;
  readonly failures: number;
}

/** What a node can be asked for, by command: the argument and the answer. */
interface Commands {
  held: [user: string, answer: number];
  empty: [user: string, answer: number];
  fill: [what: { readonly users: readonly string[]; readonly each: number }, answer: number];
  state: [nothing: undefined, answer: NodeState];
  override: [what: { readonly user: string; readonly maxManagers: number | null }, answer: undefined];
  overrides: [nothing: undefined, answer: readonly { readonly user: string; readonly maxManagers: number }[]];
  usage: [user: string, answer: SharedUsage];
  users: [query: UsersQuery, answer: UsersPage];
  freeUser: [user: string, answer: number];
  freeNode: [nodeId: string, answer: number];
  drain: [options: DrainOptions, answer: unknown];
}

type Asked<Name extends keyof Commands> = Commands[Name][0] extends undefined ? [] : [argument: Commands[Name][0]];

/** How a node is started; times are short so that a test is. */
export interface NodeOptions {
  readonly client?: 'ioredis' | 'node-redis';
  readonly lease?: Readonly<Record<string, unknown>>;
  readonly factory?: Readonly<Record<string, unknown>>;
  readonly execArgv?: readonly string[];
  /** Of ioredis. */
  readonly clientTimeoutMs?: number;
  readonly hasTenants?: boolean;
}

/** Of a lease in these tests. */
export const TTL_MS = 1500;
const RENEW_MS = TTL_MS / 3;
const LEASE = { leaseTtlMs: TTL_MS, renewIntervalMs: RENEW_MS, noticeIntervalMs: 50 };

/** Everything is as it should be within one renewal: a message each way, a look at the store, and the noise of a busy machine. */
export const ONE_INTERVAL_MS = RENEW_MS * 1.2 + 1500;
/** A node that takes a store for away because the machine is busy would grant, or lose, what is counted here. */
export const PATIENT: NodeOptions = {
  clientTimeoutMs: 5000,
  lease: { commandTimeoutMs: 5000, whenStoreAway: 'fail-closed' },
};

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

  /** Ended after the test. */
  static async start(redisPort: number, options: NodeOptions = {}): Promise<NodeProcess> {
    const node = await NodeProcess.startToKeep(redisPort, options);
    atEnd(() => node.kill());
    return node;
  }

  /** Whoever starts it ends it. */
  static async startToKeep(
    redisPort: number,
    { client = 'ioredis', clientTimeoutMs = 250, execArgv = [], factory, hasTenants = false, lease }: NodeOptions = {},
  ): Promise<NodeProcess> {
    const options = {
      client,
      clientTimeoutMs,
      redisPort,
      hasTenants,
      lease: { ...LEASE, ...lease },
      factory: factory ?? {},
    };
    const child = fork(fileURLToPath(new URL('node-main.mjs', import.meta.url)), {
      env: { ...process.env, NODE_OPTIONS_JSON: JSON.stringify(options) },
      execArgv: [...execArgv],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const node = new NodeProcess(child);
    node.port = await new Promise<number>((resolve, reject) => {
      node.#waiting.set(0, (port) => resolve(Number(port)));
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

  ask<Name extends keyof Commands>(command: Name, ...[argument]: Asked<Name>): Promise<Commands[Name][1]> {
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

/** How many the store says a user holds, asked by a node that has a part of them. */
export async function heldByAll(nodes: readonly NodeProcess[], user: string): Promise<number> {
  const held = await Promise.all(nodes.filter(({ isAlive }) => isAlive).map((node) => node.ask('held', user)));
  return held.reduce((sum, one) => sum + one, 0);
}
