import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Which server is tried: `REDIS_SERVER` names another program than the usual one, a Valkey for instance. */
const PROGRAM = process.env['REDIS_SERVER'] ?? 'redis-server';

/** Whether there is one: what needs it is skipped, loudly, where there is none. `npm test` tries to install it before. */
export const HAS_REDIS = spawnSync(PROGRAM, ['--version']).status === 0;

const HOST = '127.0.0.1';

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, HOST);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** A real server of its own, with nothing on disk. */
export class RedisServer {
  readonly port: number;
  readonly #settings: readonly string[];
  readonly #folder = mkdtempSync(join(tmpdir(), 'watertight-redis-'));
  #child: ChildProcess | undefined;

  private constructor(port: number, settings: readonly string[]) {
    this.port = port;
    this.#settings = settings;
  }

  static async start(settings: readonly string[] = [], port?: number): Promise<RedisServer> {
    const server = new RedisServer(port ?? (await freePort()), settings);
    await server.start();
    return server;
  }

  get url(): string {
    return `redis://${HOST}:${this.port}`;
  }

  get pid(): number {
    return this.#child?.pid ?? -1;
  }

  async start(): Promise<void> {
    const child = spawn(
      PROGRAM,
      ['--port', String(this.port), '--bind', HOST, '--save', '', '--appendonly', 'no', ...this.#settings],
      { cwd: this.#folder, stdio: 'ignore' },
    );
    this.#child = child;
    child.on('error', () => undefined);
    for (let attempt = 0; attempt < 500; attempt += 1) {
      if ((await this.command('PING').catch(() => '')).startsWith('+PONG')) return;
      await new Promise((resolve) => {
        setTimeout(resolve, 10);
      });
    }
    throw new Error(`redis-server did not answer on port ${this.port}`);
  }

  /** The first answer to one command, as the protocol writes it; for what no client should do. */
  async command(...words: string[]): Promise<string> {
    const socket = connect(this.port, HOST);
    try {
      socket.write(`*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`);
      const [answer] = (await once(socket, 'data')) as [Buffer];
      return answer.toString();
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
