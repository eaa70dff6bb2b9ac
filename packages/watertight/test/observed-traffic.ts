import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { get } from 'node:http';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { inspectorIn } from './inspector-in.ts';

const SERVER = fileURLToPath(new URL('fixtures/traffic-server.mjs', import.meta.url));
export const QUICK: readonly string[] = [
  '--window',
  '400ms',
  '--windows',
  '4',
  '--sample',
  '1024',
  '--max-share',
  '50',
];

/** A server with real traffic, one connection after another, until the test ends. */
export async function serving(
  how: 'leaky' | 'buffers' | 'cache' | 'healthy',
  ...nodeOptions: readonly string[]
): Promise<{ child: ChildProcess; pid: number; port: number; inspector: Promise<string> }> {
  const child = spawn(process.execPath, ['--inspect-port=0', ...nodeOptions, SERVER, how], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const inspector = inspectorIn(child.stderr);
  onTestFinished(async () => {
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  });
  const [said] = (await once(child.stdout, 'data')) as [Buffer];
  const port = Number(said.toString());
  const isOver = { now: false };
  const ask = (): Promise<void> =>
    new Promise((resolve) => {
      const asked = get({ port, host: '127.0.0.1', agent: false }, (answer) => answer.resume().on('end', resolve));
      asked.on('error', () => resolve());
    });
  const traffic = (async () => {
    while (!isOver.now) {
      await ask();
      await new Promise((resolve) => setTimeout(resolve, 3));
    }
  })();
  onTestFinished(async () => {
    isOver.now = true;
    await traffic;
  });
  return { child, pid: child.pid ?? 0, port, inspector };
}
