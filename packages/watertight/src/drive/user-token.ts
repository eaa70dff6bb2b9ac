import { spawn, type ChildProcess } from 'node:child_process';

const TOKEN_WITHIN_MS = 10_000;
const MAX_OUTPUT_BYTES = 64 * 1024;
const SHOWN_CHARACTERS = 200;
/** Windows has no process groups, and would open a window for whoever is to have one. */
const HAS_GROUPS = process.platform !== 'win32';

/** Commands under way: none of them, nor what it started, outlives us. */
const running = new Set<ChildProcess>();

/** A command of the user's that prints the token of one user. It runs once for each, and learns who that is from `WATERTIGHT_USER`. */
export class TokenCommand {
  readonly #command: string;
  readonly #signal: AbortSignal | undefined;
  readonly #withinMs: number;
  readonly #tokens = new Map<string, Promise<string>>();

  /** `signal` ends what is under way. `withinMs`: how long it may take; default 10 000. */
  constructor(
    command: string,
    options: { readonly signal?: AbortSignal | undefined; readonly withinMs?: number } = {},
  ) {
    this.#command = command;
    this.#signal = options.signal;
    this.#withinMs = options.withinMs ?? TOKEN_WITHIN_MS;
  }

  /** @throws Error when the command fails, prints nothing, or takes longer than 10 s; it is asked again the next time. */
  async tokenOf(user: string): Promise<string> {
    let token = this.#tokens.get(user);
    if (token === undefined) {
      token = this.#ask(user);
      this.#tokens.set(user, token);
      token.catch(() => this.#tokens.delete(user));
    }
    return await token;
  }

  /** Every token that was printed so far. */
  async all(): Promise<readonly string[]> {
    const settled = await Promise.allSettled(this.#tokens.values());
    return settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  }

  async #ask(user: string): Promise<string> {
    const { token, why, said } = await this.#run(user);
    if (why === undefined && token !== '') return token;
    const shown = said.trim().slice(0, SHOWN_CHARACTERS);
    throw new Error(`no token for ${user}: the command ${why ?? 'printed nothing'}${shown === '' ? '' : `: ${shown}`}`);
  }

  /** Never rejects: `why` says what went wrong. */
  #run(user: string): Promise<{ readonly token: string; readonly why: string | undefined; readonly said: string }> {
    return new Promise((resolve) => {
      const child = spawn(this.#command, {
        shell: true,
        env: { ...process.env, WATERTIGHT_USER: user },
        stdio: ['ignore', 'pipe', 'pipe'],
        // A shell that is ended leaves behind what it waits for: all of them are ended together.
        detached: HAS_GROUPS,
        windowsHide: true,
      });
      let token = '';
      let said = '';
      const settle = (why: string | undefined): void => {
        clearTimeout(timer);
        this.#signal?.removeEventListener('abort', onAbort);
        forget(child);
        resolve({ token: token.trim(), why, said });
      };
      const giveUp = (why: string): void => {
        endGroup(child);
        child.stdout.destroy();
        child.stderr.destroy();
        settle(why);
      };
      const onAbort = (): void => giveUp('was interrupted');
      const timer = setTimeout(() => giveUp(`did not end within ${this.#withinMs} ms`), this.#withinMs);
      remember(child);
      if (this.#signal?.aborted === true) return onAbort();
      this.#signal?.addEventListener('abort', onAbort, { once: true });
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        token += text;
        if (Buffer.byteLength(token) > MAX_OUTPUT_BYTES) giveUp(`printed more than ${MAX_OUTPUT_BYTES} bytes`);
      });
      child.stderr.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(0, MAX_OUTPUT_BYTES)));
      child.once('error', (error) => settle(`cannot be started: ${error.message}`));
      child.once('close', (code, signal) => settle(code === 0 ? undefined : `ended with ${signal ?? String(code)}`));
    });
  }
}

function remember(child: ChildProcess): void {
  if (running.size === 0) process.on('exit', endAll);
  running.add(child);
}

function forget(child: ChildProcess): void {
  running.delete(child);
  if (running.size === 0) process.off('exit', endAll);
}

function endAll(): void {
  for (const child of running) endGroup(child);
}

function endGroup({ pid, exitCode, signalCode }: ChildProcess): void {
  // Once its leader was collected the number may be that of strangers.
  if (pid === undefined || exitCode !== null || signalCode !== null) return;
  try {
    process.kill(HAS_GROUPS ? -pid : pid, 'SIGKILL');
  } catch {
    // It ended between the look and the signal.
  }
}
