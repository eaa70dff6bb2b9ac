import { expect, test } from 'vitest';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const CHAOS = fileURLToPath(new URL('../../../bench/chaos/main.mjs', import.meta.url));
const SIZE = ['--clients', '60', '--seconds', '1', '--hoarded', '100', '--runs', '1', '--any-pace'];

function chaos(...args: readonly string[]): Promise<{ exitCode: unknown; output: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [CHAOS, ...SIZE, ...args], { timeout: 60_000 }, (error, stdout, stderr) => {
      resolve({ exitCode: error === null ? 0 : error.code, output: stdout + stderr });
    });
  });
}

test('[J23] hostile clients end nothing but themselves: the server stays, the others lose nothing, and nothing is left', async () => {
  const { exitCode, output } = await chaos('--seed', '1');
  expect(output).toContain('seed 1: 60 clients for 1 s, a user with 100 connections');
  expect(output).toContain('The server stayed, and nothing is left.');
  expect(exitCode).toBe(0);
  const habits = ['chatter', 'leaver', 'stalled', 'half-open', 'flooder', 'loris', 'big header', 'hoarder'];
  // Whom the seed draws, and how far it gets in a second: on a busy machine not everybody has his turn.
  expect(habits.filter((habit) => output.includes(`${habit} `)).length).toBeGreaterThanOrEqual(5);
}, 60_000);

test('[J23] a server that keeps the timer of whoever did not say goodbye is found', async () => {
  const { exitCode, output } = await chaos('--leaky', '--gone-within', '500');
  expect(output).toMatch(/FAILED: \d+ timers left/);
  expect(exitCode).toBe(1);
}, 60_000);

test('[J23] sizes that make no sense are refused', async () => {
  const { exitCode, output } = await chaos('--seed', 'one');
  expect(output).toContain('--seed must be a whole number from 0 to 1000000000, got "one"');
  expect(exitCode).toBe(2);
});
