import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const CHECK = fileURLToPath(new URL('../../packages/watertight/dist/cli/main.js', import.meta.url));

test.each([
  ['express.js', 'ws'],
  ['fastify.js', 'ws'],
  ['socket-io.js', 'socket.io'],
])('[B34] of %s nothing is left by rapid cycles', { timeout: 120_000 }, async (file, recipe) => {
  const server = fileURLToPath(new URL(file, import.meta.url));
  const args = [
    'check',
    '--recipe',
    recipe,
    '--only',
    'rapid-connection-cycles-stress',
    '--',
    process.execPath,
    server,
  ];
  const check = spawn(process.execPath, [CHECK, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  check.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  check.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const [exitCode] = (await once(check, 'close')) as [number | null];
  expect([exitCode, exitCode === 0 ? '' : output]).toEqual([0, '']);
});
