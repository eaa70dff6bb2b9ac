import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { vi } from 'vitest';

const MAIN = fileURLToPath(new URL('../dist/programs/watertight.js', import.meta.url));

/** Most are over in a second; where others compute, and a process takes seconds to begin, some took more than fifteen. */
const HANGS_AFTER_MS = 60_000;

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly elapsedMs: number;
}

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Everything written so far. */
  output(): string;
  /** Resolves once the output has this text; rejects when the process ends without it. */
  shows(text: string): Promise<void>;
}

/** Starts the built command line like a user does. A run longer than `deadlineMs` counts as hanging and is killed. */
export function startCli(
  args: readonly string[],
  options: {
    readonly cwd?: string;
    readonly env?: NodeJS.ProcessEnv;
    readonly deadlineMs?: number;
    readonly nodeCommand?: readonly string[];
  } = {},
): Running {
  const [command = process.execPath, ...before] = options.nodeCommand ?? [process.execPath];
  const startedAtMs = performance.now();
  const child = spawn(command, [...before, MAIN, ...args], {
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    env: { ...process.env, NO_COLOR: '', ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const text = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8');
    child[name].on('data', (chunk: string) => (text[name] += chunk));
  }
  const hanging = setTimeout(() => child.kill('SIGKILL'), options.deadlineMs ?? HANGS_AFTER_MS);
  const ended = once(child, 'close').then(([code, signal]: (number | NodeJS.Signals | null)[]): Ended => {
    clearTimeout(hanging);
    const numeric = typeof code === 'number' ? code : null;
    return {
      ...text,
      code: numeric,
      signal: typeof signal === 'string' ? signal : null,
      elapsedMs: performance.now() - startedAtMs,
    };
  });
  const output = (): string => text.stdout + text.stderr;
  return {
    child,
    ended,
    output,
    async shows(wanted) {
      await new Promise<void>((resolve, reject) => {
        const look = (): void => {
          if (output().includes(wanted)) resolve();
        };
        child.stdout.on('data', look);
        child.stderr.on('data', look);
        child.once('close', () => reject(new Error(`ended without showing ${JSON.stringify(wanted)}:\n${output()}`)));
        look();
      });
    },
  };
}

export async function runCli(...parameters: Parameters<typeof startCli>): Promise<Ended> {
  return await startCli(...parameters).ended;
}

/** Whether a process is gone within a second; a zombie, which nobody collects in some containers, is gone. */
export async function isGone(pid: number): Promise<boolean> {
  return await vi
    .waitFor(() => (isRunning(pid) ? Promise.reject(new Error('there')) : true), { timeout: 1_000, interval: 10 })
    .catch(() => false);
}

function isRunning(pid: number): boolean {
  try {
    if (!existsSync('/proc/self')) return process.kill(pid, 0);
    return !/^\d+ \(.*\) [ZX]/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
