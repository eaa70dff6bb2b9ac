import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, delimiter, join } from 'node:path';
import { ADDRESS_VARIABLE, SITECUSTOMIZE } from './python-source.ts';

/** A line of the program, and what is alive of what was allocated there since the count began. */
export interface AllocatedLine {
  readonly file: string;
  readonly line: number;
  readonly count: number;
  readonly bytes: number;
}

/** Counts live memory of a target by line. */
export interface LineCounter {
  /** From here on what is allocated is counted; `false` where the process cannot. The target is slower meanwhile. */
  start(pid: number): Promise<boolean>;
  /** Stops the target for some milliseconds for each 10 000 blocks; `undefined` when it did not answer. */
  look(pid: number): Promise<readonly AllocatedLine[] | undefined>;
  stop(pid: number): Promise<void>;
}

const ANSWER_MS = 10_000;
const PYTHON = /^(?:python|pypy)[\d.]*$|^(?:uvicorn|hypercorn|daphne|gunicorn|flask)$|\.py$/;

/** Whether a command runs a Python, as far as its words say. */
export function runsPython(command: readonly string[]): boolean {
  return command.some((word) => PYTHON.test(basename(word)));
}

/** Listens for Pythons that are started with its environment. `close()` ends it; they run on, and notice nothing. */
export class PythonLines implements LineCounter {
  readonly #folder: string;
  readonly #server: Server;
  readonly #sockets = new Map<number, Socket>();
  readonly #all = new Set<Socket>();

  private constructor(folder: string) {
    this.#folder = folder;
    this.#server = createServer((socket) => void this.#meet(socket));
  }

  static async open(): Promise<PythonLines> {
    const lines = new PythonLines(await mkdtemp(join(tmpdir(), 'watertight-')));
    await writeFile(join(lines.#folder, 'sitecustomize.py'), SITECUSTOMIZE);
    lines.#server.listen(join(lines.#folder, 'socket'));
    await once(lines.#server, 'listening');
    lines.#server.unref();
    return lines;
  }

  environment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
    const own = env['PYTHONPATH'];
    const path = own === undefined || own === '' ? this.#folder : `${this.#folder}${delimiter}${own}`;
    return { ...env, PYTHONPATH: path, [ADDRESS_VARIABLE]: join(this.#folder, 'socket') };
  }

  async start(pid: number): Promise<boolean> {
    return (await this.#ask(pid, 'start')) !== undefined;
  }

  async look(pid: number): Promise<readonly AllocatedLine[] | undefined> {
    const answer = await this.#ask(pid, 'look');
    if (answer === undefined) return undefined;
    const rows = JSON.parse(answer) as [string, number, number, number][];
    return rows.map(([file, line, count, bytes]) => ({ file, line, count, bytes }));
  }

  async stop(pid: number): Promise<void> {
    await this.#ask(pid, 'stop');
  }

  /** Idempotent. */
  async close(): Promise<void> {
    for (const socket of this.#all) socket.destroy();
    this.#server.close();
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #meet(socket: Socket): Promise<void> {
    this.#all.add(socket);
    socket.unref();
    socket.on('error', () => undefined);
    socket.once('close', () => this.#all.delete(socket));
    const pid = Number(await lineFrom(socket));
    if (!Number.isInteger(pid)) {
      socket.destroy();
      return;
    }
    this.#sockets.set(pid, socket);
    socket.once('close', () => this.#sockets.delete(pid));
  }

  async #ask(pid: number, what: string): Promise<string | undefined> {
    const socket = this.#sockets.get(pid);
    if (socket === undefined) return undefined;
    const answer = lineFrom(socket);
    socket.write(`${what}\n`);
    return await answer;
  }
}

/** The next whole line, or `undefined` when the other side left or took too long. */
async function lineFrom(socket: Socket): Promise<string | undefined> {
  return await new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const end = (line: string | undefined): void => {
      clearTimeout(late);
      socket.off('data', onData);
      socket.off('close', onClose);
      resolve(line);
    };
    const onData = (chunk: Buffer): void => {
      chunks.push(chunk);
      if (chunk.at(-1) === 0x0a) end(Buffer.concat(chunks).toString().trimEnd());
    };
    const onClose = (): void => end(undefined);
    const late = setTimeout(() => end(undefined), ANSWER_MS);
    socket.on('data', onData);
    socket.once('close', onClose);
  });
}
