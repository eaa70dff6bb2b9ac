import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { performance } from 'node:perf_hooks';
import { setTimeout } from 'node:timers';
import { TargetError } from './failure.ts';
import { OutputTail } from './output-tail.ts';
import { PrintedComplaints } from './printed-complaints.ts';
import { ProcessGroup } from './process-group.ts';
import type { TargetFailure } from './types.ts';

const WATCH_MS = 50;

/** A command under way in a process group of its own. */
export class SpawnedCommand {
  readonly label: string;
  readonly tail: OutputTail;
  readonly complaints: PrintedComplaints = new PrintedComplaints();
  /** Resolves when it ended by itself; never rejects. */
  readonly ended: Promise<TargetFailure>;
  readonly pid: number;
  readonly #child: ChildProcess;
  readonly #group: ProcessGroup;
  #failure: TargetFailure | undefined;
  #listening = false;
  #ending: Promise<void> | undefined;
  #resolveEnded: (failure: TargetFailure) => void = () => undefined;

  private constructor(label: string, child: ChildProcess, pid: number, awaited: string | undefined) {
    this.tail = new OutputTail(awaited);
    this.label = label;
    this.#child = child;
    this.pid = pid;
    this.#group = new ProcessGroup(pid);
    this.ended = new Promise((resolve) => (this.#resolveEnded = resolve));
    for (const stream of [child.stdout, child.stderr]) {
      // Pieces end anywhere, in the middle of a character too.
      stream?.setEncoding('utf8');
      stream?.on('data', (text: string) => this.tail.add(text));
      stream?.on('error', () => undefined);
    }
    child.stderr?.on('data', (text: string) => this.complaints.add(text));
    child.on('error', () => undefined);
    // `close` comes when the pipes are empty, so the last words are in the message; descendants may hold them open.
    child.once('exit', (code, signal) => void this.#onExit(code, signal));
  }

  /**
   * @param awaited A text that its output is searched for, see {@link OutputTail.isShown}.
   * @throws {@link TargetError} when the command cannot be started.
   */
  static async start(
    command: readonly string[],
    cwd: string,
    env: NodeJS.ProcessEnv,
    awaited?: string,
  ): Promise<SpawnedCommand> {
    const [file = '', ...args] = command;
    const label = command.join(' ');
    let child: ChildProcess;
    try {
      child = spawn(file, args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    } catch (error) {
      throw notStarted(command, error as NodeJS.ErrnoException);
    }
    // Before the first await: everything that must see this process, and end it, stands from here on.
    if (child.pid !== undefined) return new SpawnedCommand(label, child, child.pid, awaited);
    const [error] = (await once(child, 'error')) as [NodeJS.ErrnoException];
    throw notStarted(command, error);
  }

  get failure(): TargetFailure | undefined {
    return this.#failure;
  }

  /** From now on an end is a crash of a running server and not one that never came up. */
  markListening(): void {
    this.#listening = true;
    this.#group.remember();
  }

  /** SIGTERM to the group, SIGKILL after `graceMs`; resolves when nobody of it lives. Idempotent. */
  end(graceMs: number): Promise<void> {
    this.#ending ??= this.#endGroup(graceMs);
    return this.#ending;
  }

  async #endGroup(graceMs: number): Promise<void> {
    this.#group.signal('SIGTERM');
    if (!(await this.#groupIsGone(graceMs))) {
      this.#group.signal('SIGKILL');
      await this.#groupIsGone(graceMs);
    }
    // Descendants outside the group may still hold the pipes; they shall not hold us.
    this.#child.stdout?.destroy();
    this.#child.stderr?.destroy();
  }

  async #groupIsGone(withinMs: number): Promise<boolean> {
    const deadline = performance.now() + withinMs;
    while (this.#group.isAlive()) {
      if (performance.now() >= deadline) return false;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    return true;
  }

  async #onExit(code: number | null, signal: NodeJS.Signals | null): Promise<void> {
    // A wrapper may end and leave the server running in its group: then the target lives.
    while (this.#group.isAlive()) await new Promise((resolve) => setTimeout(resolve, WATCH_MS).unref());
    if (this.#ending) return;
    await this.#outputIsRead();
    this.#failure = this.#describeExit(code, signal);
    this.#resolveEnded(this.#failure);
  }

  async #outputIsRead(): Promise<void> {
    const { stdout, stderr } = this.#child;
    const closed = [stdout, stderr].map(async (stream) => {
      if (stream && !stream.closed) await once(stream, 'close').catch(() => undefined);
    });
    await Promise.race([Promise.all(closed), new Promise((resolve) => setTimeout(resolve, 200).unref())]);
  }

  #describeExit(exitCode: number | null, signal: NodeJS.Signals | null): TargetFailure {
    const output = this.tail.lastLines();
    const how = signal === null ? `with exit code ${String(exitCode)}` : `by signal ${signal}`;
    const rest = { exitCode, signal, output };
    const taken = /EADDRINUSE[^\n]*?(\S*:\d+)/.exec(this.tail.text);
    if (taken && !this.#listening) {
      return {
        kind: 'port-taken',
        message: `"${this.label}" could not listen on ${String(taken[1])}: the port is taken (EADDRINUSE)`,
        ...rest,
      };
    }
    if (this.#listening)
      return { kind: 'crashed', message: `"${this.label}" ended ${how} while it was examined`, ...rest };
    const daemon =
      exitCode === 0
        ? ". If it left a server running in the background, name that one with --pid or --url; if it ends when its input does, it has none here: -- sh -c 'tail -f /dev/null | …' gives it one that stays"
        : '';
    return { kind: 'exited', message: `"${this.label}" ended ${how} before it listened on a port${daemon}`, ...rest };
  }
}

/** Words of a shell, which no program of that name stands for. */
const SHELL_WORDS: ReadonlySet<string> = new Set(['cd', 'source', '.', 'export', 'set', 'ulimit', 'exec', 'nvm']);

function notStarted(command: readonly string[], error: NodeJS.ErrnoException): TargetError {
  const [file = ''] = command;
  return new TargetError({ kind: 'not-found', message: `"${file}" cannot be started: ${whyNot(command, error)}` });
}

function whyNot(command: readonly string[], error: NodeJS.ErrnoException): string {
  const [file = ''] = command;
  if (error.code === 'EACCES')
    return `it may not be executed (EACCES). A script is started by its program, such as: -- node ${file}`;
  if (error.code !== 'ENOENT') return error.code ?? error.message;
  const none = 'there is no such command';
  const isVariable = /^[A-Za-z_]\w*=/.test(file);
  if (SHELL_WORDS.has(file) || (isVariable && command.length === 1 && file.includes(' ')))
    return `${none}, and no shell reads it; one does with: -- sh -c '…'`;
  if (isVariable) return `${none}. Variables are set by env, such as: -- env ${command.slice(0, 2).join(' ')} …`;
  if (command.length === 1 && /\s/.test(file))
    return `${none}. Program and arguments are words of their own, without quotes around them all: -- ${file}`;
  return none;
}
