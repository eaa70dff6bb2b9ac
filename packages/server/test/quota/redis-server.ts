import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Which server is tried: `REDIS_SERVER` names another program than the usual one, a Valkey for instance. */
const PROGRAM = process.env['REDIS_SERVER'] ?? 'redis-server';

/** Whether there is one: what needs it is skipped, loudly, where there is none. `npm test` tries to install it before. */
export const HAS_REDIS = spawnSync(PROGRAM, ['--version']).status === 0;

const HOST = '127.0.0.1';

/** With nothing on disk. */
const DISKLESS = ['--save', '', '--appendonly', 'no'];

async function freePort(below = 65_536): Promise<number> {
  for (;;) {
    const server = createServer();
    server.listen(0, HOST);
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, 'close');
    if (port < below) return port;
  }
}

function newFolder(): string {
  return mkdtempSync(join(tmpdir(), 'watertight-redis-'));
}

/** A real server of its own. */
export class RedisServer {
  readonly port: number;
  readonly #args: readonly string[];
  readonly #folder: string;
  #child: ChildProcess | undefined;

  private constructor(port: number, args: readonly string[], folder = newFolder()) {
    this.port = port;
    this.#args = ['--port', String(port), '--bind', HOST, ...args];
    this.#folder = folder;
  }

  static async start(settings: readonly string[] = []): Promise<RedisServer> {
    for (let attempt = 1; ; attempt += 1) {
      const server = new RedisServer(await freePort(), [...DISKLESS, ...settings]);
      try {
        await server.start();
        return server;
      } catch (error) {
        await server.stop();
        // A port that was free a moment ago may be somebody's by now.
        if (attempt === 3) throw error;
      }
    }
  }

  /** So many that share the slots. The port of their bus is 10 000 above their own. */
  static async cluster(count: number): Promise<RedisServer[]> {
    const servers: RedisServer[] = [];
    try {
      await RedisServer.#join(servers, count);
    } catch (error) {
      await Promise.all(servers.map((server) => server.stop()));
      throw error;
    }
    return servers;
  }

  static async #join(servers: RedisServer[], count: number): Promise<void> {
    for (let index = 0; index < count; index += 1) {
      const settings = [...DISKLESS, '--cluster-enabled', 'yes', '--cluster-announce-ip', HOST];
      const server = new RedisServer(await freePort(55_000), settings);
      servers.push(server);
      await server.start();
      const [from, to] = [index, index + 1].map((part) => Math.floor((16_384 * part) / count));
      await server.command('CLUSTER', 'ADDSLOTSRANGE', String(from), String((to ?? 0) - 1));
      await servers[0]?.command('CLUSTER', 'MEET', HOST, String(server.port));
    }
    for (const server of servers)
      await server.#untilIs(async () => {
        const info = await server.command('CLUSTER', 'INFO');
        return info.includes('cluster_state:ok') && info.includes(`cluster_known_nodes:${count}`);
      });
  }

  /** Watches a primary, by the name `main`, and decides alone. */
  static async sentinelOf(primary: RedisServer): Promise<RedisServer> {
    const folder = newFolder();
    const file = join(folder, 'sentinel.conf');
    writeFileSync(
      file,
      `sentinel monitor main ${HOST} ${primary.port} 1\nsentinel down-after-milliseconds main 1000\n`,
    );
    const server = new RedisServer(await freePort(), ['--sentinel'], folder);
    try {
      await server.start([file]);
    } catch (error) {
      await server.stop();
      throw error;
    }
    return server;
  }

  get url(): string {
    return `redis://${HOST}:${this.port}`;
  }

  get pid(): number {
    return this.#child?.pid ?? -1;
  }

  async start(before: readonly string[] = []): Promise<void> {
    const child = spawn(PROGRAM, [...before, ...this.#args], { cwd: this.#folder, stdio: 'ignore' });
    this.#child = child;
    child.on('error', () => undefined);
    await this.#untilIs(async () => (await this.command('PING').catch(() => '')).startsWith('+PONG'));
  }

  /** Reads its snapshot again, each key so slowly; resolves when it has read all. */
  async restartLoading(keyDelayUs: number): Promise<void> {
    await this.start(['--key-load-delay', String(keyDelayUs)]);
  }

  async #untilIs(condition: () => Promise<boolean>): Promise<void> {
    for (let attempt = 0; attempt < 1500; attempt += 1) {
      if (await condition()) return;
      if (this.#child?.exitCode !== null) throw new Error(`${PROGRAM} has ended with ${this.#child?.exitCode}`);
      await new Promise((resolve) => {
        setTimeout(resolve, 10);
      });
    }
    throw new Error(`${PROGRAM} is not ready on port ${this.port} after 15 s`);
  }

  /** The first answer to one command, as the protocol writes it, or nothing when the server hangs up; for what no client should do. */
  async command(...words: string[]): Promise<string> {
    const socket = connect(this.port, HOST);
    try {
      socket.write(`*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`);
      const [answer] = (await Promise.race([once(socket, 'data'), once(socket, 'end')])) as [Buffer?];
      return answer?.toString() ?? '';
    } finally {
      socket.destroy();
    }
  }

  signal(name: NodeJS.Signals): void {
    this.#child?.kill(name);
  }

  /** At once, without a word. */
  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }

  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
