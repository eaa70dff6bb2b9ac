import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import type { CheckResult } from '../src/verdict/types.ts';
import { checkToJson } from './json-check.ts';

const SERVER = fileURLToPath(new URL('servers/server.mjs', import.meta.url));
const CYCLES = ['--only', 'rapid-connection-cycles-stress', '--cycles', '30'];
const HABITS = ['--only', 'resource-leak-detection-comprehensive'];

const check = async (habit: readonly string[], options: readonly string[]): ReturnType<typeof checkToJson> =>
  await checkToJson(options, [SERVER, ...habit]);

const typesOf = ({ scenarios }: CheckResult): readonly string[] =>
  scenarios.flatMap(({ violations }) => violations.map(({ type }) => type));

test('[N12] who is turned away for being too many a second convicts nobody who promised no limit, and --rate is named', async () => {
  const { code, stdout, result } = await check(['rate-limited', '15'], [...CYCLES, ...HABITS]);
  expect(typesOf(result)).toEqual([]);
  expect(code).toBe(3);
  expect(stdout).toMatch(/Settle what was inconclusive: .*HTTP 429.*--rate.*--limit/);
  expect(stdout).not.toContain('Release the slot');
});

test('[N12] who is turned away for being too many at a time convicts nobody who promised no limit', async () => {
  const { code, result } = await check(['full', '8'], HABITS);
  expect(typesOf(result)).toEqual([]);
  expect(code).toBe(3);
});

test.each([
  ['was promised', ['full', '8'], ['--limit', '20']],
  ['was not promised, for another reason', ['fails-when-full', '8'], []],
])('[N12] who is turned away convicts a server whose limit %s', async (_why, habit, promise) => {
  const { code, result } = await check(habit, [...HABITS, ...promise]);
  expect(typesOf(result)).toContain('limit-undershoot');
  expect(code).toBe(1);
});

test('[N48] who lets the next one take the place of the oldest is not convicted of more than the limit, but of whom it ended', async () => {
  const limit = ['--limit', '3', '--only', 'manager-creation-limit-enforcement'];
  const { code, stdout, result } = await check(['newest-wins', '3'], limit);
  expect(typesOf(result)).not.toContain('limit-not-enforced');
  expect(typesOf(result)).not.toContain('limit-overshoot');
  expect(typesOf(result)).toContain('unresponsive-connection');
  expect(stdout).toMatch(/socket 4 of a user with a limit of 3 was admitted .* but of 4 only 3 are still there/);
  expect(code).toBe(1);
});

test('[PS15] who is turned away for being too many at a time convicts no server in the situations of production either', async () => {
  const situations = ['cold-start-burst', 'reconnect-cycles', 'process-restart'].flatMap((name) => ['--only', name]);
  const { code, stdout, result } = await check(['full', '5'], situations);
  expect(typesOf(result)).toEqual([]);
  expect(code).toBe(3);
  expect(stdout).toMatch(/of 25 connections at 15\/s 5 were admitted, 25 should have been: HTTP 429; nobody promised/);
  expect(stdout).toMatch(/of 15 returns \d+ were refused .*: HTTP 429; nobody promised/);
});

test('[N12] a server that closes whoever says nothing is told of with code and reason, and with what would settle it', async () => {
  const { code, stdout, result } = await check(['waits-for-a-word'], HABITS);
  expect(typesOf(result)).toEqual([]);
  expect(code).toBe(3);
  expect(stdout).toContain('closed 3 of them with close code 4001 (say who you are)');
  expect(stdout).toContain('--user message:<text>');
});

test('[N12] a server that closes some for the sake of others is convicted, whatever it tells them', async () => {
  const { code, stdout, result } = await check(['makes-room', '12'], HABITS);
  expect(typesOf(result)).toContain('other-user-affected');
  expect(code).toBe(1);
  expect(stdout).toContain('close code 4001 (say who you are)');
});

test('[C15] a server that serves nobody who follows the recipe is said to speak another protocol, before anything convicts it', async () => {
  const { code, stdout, result } = await check(['plain'], [...CYCLES, '--recipe', 'mqtt', '--send', 'hi']);
  expect(code).toBe(3);
  expect(typesOf(result)).toEqual([]);
  expect(stdout).toMatch(/does not speak mqtt: .*connack timeout/);
});

test('[N50] a server that notices silence long before it was promised convicts nobody by a reader that stalled meanwhile', async () => {
  const { code, stdout, result } = await check(['ends-silent'], [...HABITS, '--silence', '2500']);
  expect(typesOf(result)).toEqual([]);
  expect(code, stdout).toBe(0);
  const slow = result.scenarios[0]?.steps.find(({ id }) => id === 'comprehensive/a-slow-reader-is-kept');
  expect(slow).toMatchObject({ status: 'not promised' });
  expect(slow?.note).toMatch(/^1 of 1 readers that stalled for \d+ ms lost their socket: nobody said/);
});
