import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

const CHECK = fileURLToPath(new URL('../../packages/watertight/dist/programs/watertight.js', import.meta.url));
export const fileOf = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** No process of a test stays. */
export function endsWithTest(child: ChildProcess): void {
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
}

const MAX_CHECKS = 3;

/** Checks an example; answers the exit code, and what was printed when that is not 0. Does as it says where a machine stood still. */
export async function check(file: string, options: readonly string[]): Promise<[number | null, string]> {
  for (let checks = 1; ; checks += 1) {
    const [exitCode, output] = await checkOnce(file, options);
    if (checks === MAX_CHECKS || !output.includes('on a less busy machine')) return [exitCode, output];
  }
}

async function checkOnce(file: string, options: readonly string[]): Promise<[number | null, string]> {
  const args = ['check', ...options, '--', process.execPath, fileOf(file)];
  const running = spawn(process.execPath, [CHECK, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  endsWithTest(running);
  let output = '';
  running.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  running.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const [exitCode] = (await once(running, 'close')) as [number | null];
  return [exitCode, exitCode === 0 ? '' : output];
}

export const IN_PARAMS = 'message:{"user":"test-user-{n}"}';
