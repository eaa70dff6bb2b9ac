import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

const VITEST = fileURLToPath(new URL('../../../../node_modules/vitest/vitest.mjs', import.meta.url));
export const GUARDED = fileURLToPath(new URL('guarded/', import.meta.url));
const PATIENCE_MS = 60_000;
const LOOK_EVERY_MS = 25;

/** A test runner of its own, ended with the test at the latest. */
export interface RunnerProcess {
  /** What it printed so far, without colours. */
  output(): string;
  /** Waits until something is printed behind the first `from` characters. */
  said(pattern: RegExp, from?: number): Promise<void>;
  /** Everything that it printed, once it has ended. */
  readonly ended: Promise<string>;
}

export function runVitest(args: readonly string[], cwd = GUARDED): RunnerProcess {
  return run([VITEST, ...args], cwd);
}

export function runNodeTests(args: readonly string[], cwd = GUARDED): RunnerProcess {
  return run(['--test', '--test-reporter=tap', ...args], cwd);
}

/** A runner that is itself a file for Node. */
export function run(args: readonly string[], cwd: string): RunnerProcess {
  // The tests that are started here are not part of those that start them.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(VITEST|NODE_TEST|CI$)/.test(name)));
  const child = spawn(process.execPath, args, {
    cwd,
    env: { ...env, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk: string) => void (text += chunk));
  const ended = new Promise<string>((resolve) => child.once('close', () => resolve(text)));
  onTestFinished(async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
    await ended;
  });
  const said = async (pattern: RegExp, from = 0): Promise<void> => {
    const deadlineAtMs = performance.now() + PATIENCE_MS;
    while (!pattern.test(text.slice(from))) {
      if (performance.now() > deadlineAtMs) throw new Error(`${String(pattern)} was not said within 60 s:\n${text}`);
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
  };
  return { output: () => text, said, ended };
}
