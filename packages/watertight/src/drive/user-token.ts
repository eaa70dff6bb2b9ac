import { exec } from 'node:child_process';

const TOKEN_WITHIN_MS = 10_000;
const MAX_OUTPUT_BYTES = 64 * 1024;
const SHOWN_CHARACTERS = 200;

/** A command of the user's that prints the token of one user. It runs once for each, and learns who that is from `WATERTIGHT_USER`. */
export class TokenCommand {
  readonly #command: string;
  readonly #tokens = new Map<string, Promise<string>>();

  constructor(command: string) {
    this.#command = command;
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

  #ask(user: string): Promise<string> {
    const options = {
      env: { ...process.env, WATERTIGHT_USER: user },
      timeout: TOKEN_WITHIN_MS,
      maxBuffer: MAX_OUTPUT_BYTES,
      windowsHide: true,
    };
    return new Promise((resolve, reject) => {
      exec(this.#command, options, (error, stdout, stderr) => {
        const token = stdout.trim();
        if (error === null && token !== '') return resolve(token);
        const why =
          error === null
            ? 'printed nothing'
            : error.killed
              ? `did not end within ${TOKEN_WITHIN_MS} ms, or printed more than ${MAX_OUTPUT_BYTES} bytes`
              : `ended with ${error.signal ?? error.code}`;
        const said = stderr.trim().slice(0, SHOWN_CHARACTERS);
        reject(new Error(`no token for ${user}: the command ${why}${said === '' ? '' : `: ${said}`}`));
      });
    });
  }
}
