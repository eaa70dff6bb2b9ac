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
const LINE_FEED = 0x0a;
const PYTHON = /^(?:python|pypy)[\d.]*$|^(?:uvicorn|hypercorn|daphne|gunicorn|flask)$|\.py$/;

/** Whether a command runs a Python, as far as its words say. */
export function runsPython(command: readonly string[]): boolean {
  return command.some((word) => PYTHON.test(basename(word)));
}

/** Listens for Pythons that are started with its environment. `close()` ends it; they run on, and notice nothing. */
export class PythonLines implements LineCounter {
  readonly #folder: string;
  readonly #server: Server;
  readonly #talks = new Map<number, Talk>();
  readonly #all = new Set<Socket>();
  readonly #answerMs: number;

  private constructor(folder: string, answerMs: number) {
    this.#folder = folder;
    this.#answerMs = answerMs;
    this.#server = createServer((socket) => void this.#meet(socket));
  }

  /** `answerMs`: how long an answer is waited for; default 10 000. */
  static async open(answerMs: number = ANSWER_MS): Promise<PythonLines> {
    const lines = new PythonLines(await mkdtemp(join(tmpdir(), 'watertight-')), answerMs);
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
    const talk = new Talk(socket);
    const pid = Number(await talk.line(this.#answerMs));
    if (!Number.isInteger(pid)) {
      socket.destroy();
      return;
    }
    this.#talks.set(pid, talk);
    socket.once('close', () => {
      if (this.#talks.get(pid) === talk) this.#talks.delete(pid);
    });
  }

  async #ask(pid: number, what: string): Promise<string | undefined> {
    return await this.#talks.get(pid)?.ask(what, this.#answerMs);
  }
}

/** Questions, and the lines that answer them: one that is late is that of its own question still, and of none behind it. */
class Talk {
  readonly #socket: Socket;
  readonly #waiting: ((line: string | undefined) => void)[] = [];
  #chunks: Buffer[] = [];

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    socket.once('close', () => {
      for (const settle of this.#waiting.splice(0)) settle(undefined);
    });
  }

  /** `undefined` when the other side left or took too long. */
  async ask(what: string, withinMs: number): Promise<string | undefined> {
    this.#socket.write(`${what}\n`);
    return await this.line(withinMs);
  }

  async line(withinMs: number): Promise<string | undefined> {
    return await new Promise((resolve) => {
      const late = setTimeout(resolve, withinMs, undefined);
      this.#waiting.push((line) => {
        clearTimeout(late);
        resolve(line);
      });
    });
  }

  #receive(chunk: Buffer): void {
    this.#chunks.push(chunk);
    // An answer may have megabytes: it is put together once.
    if (!chunk.includes(LINE_FEED)) return;
    const lines = Buffer.concat(this.#chunks).toString().split('\n');
    this.#chunks = [Buffer.from(lines.pop() ?? '')];
    for (const line of lines) this.#waiting.shift()?.(line);
  }
}
