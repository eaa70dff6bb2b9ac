import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { CHECK_ENDS_WITHIN_MS, checkToJson } from './json-check.ts';

const SERVER = fileURLToPath(new URL('servers/keeps-in.mjs', import.meta.url));
const OPTIONS = ['--only', 'rapid-connection-cycles-stress', '--cycles', '40', '--settle', '1000'];

test(
  '[N51] what stays of each user is a leak where every client is a new one, and said not to be looked for where not',
  { timeout: 2 * CHECK_ENDS_WITHIN_MS },
  async () => {
    const again = await checkToJson(OPTIONS, [SERVER, 'users']);
    expect(again.code, again.stdout).toBe(0);
    expect(again.stdout).toMatch(/The cycles were of 5 users who came again and again: .*\(--new-users\)/);
    const { code, stdout, result } = await checkToJson([...OPTIONS, '--new-users'], [SERVER, 'users']);
    expect(code, stdout).toBe(1);
    const [first] = result.scenarios[0]?.findings ?? [];
    expect(first).toMatchObject({ name: 'Presence', growth: { is: 'leak' } });
    expect(first?.keptBy).toMatch(/^Map presences /);
    expect(stdout).toContain('Each cycle was of a user of its own');
  },
);

test(
  '[N51] a server that keeps the last sixty users is watertight where every client is a new one',
  { timeout: CHECK_ENDS_WITHIN_MS },
  async () => {
    const { code, stdout, result } = await checkToJson([...OPTIONS, '--new-users'], [SERVER, 'recent-users']);
    expect(result.scenarios[0]?.findings).toEqual([]);
    expect(code, stdout).toBe(0);
  },
);
