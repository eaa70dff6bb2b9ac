import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { CHECK_ENDS_WITHIN_MS, checkToJson } from './json-check.ts';

const SERVER = fileURLToPath(new URL('servers/typed-sessions.ts', import.meta.url));
/** Of the function that makes a session. */
const LINE =
  1 +
  readFileSync(SERVER, 'utf8')
    .split('\n')
    .findIndex((line) => line.includes("server.on('connection'"));

test.each([{ options: [] }, { options: ['--no-trace'] }])(
  '[S9] what is compiled while it is loaded is told by the lines of its source $options',
  { timeout: CHECK_ENDS_WITHIN_MS },
  async ({ options }) => {
    const asked = ['--only', 'rapid-connection-cycles-stress', '--cycles', '30', '--settle', '500', ...options];
    const { code, result } = await checkToJson(asked, ['--import', 'tsx', SERVER]);
    const [finding] = result.scenarios[0]?.findings ?? [];
    expect(finding).toMatchObject({ name: 'Session', growth: { is: 'leak', perCycle: 1 } });
    const places = [finding?.definedAt, ...(finding?.allocationStack ?? [])];
    expect(places.map((place) => `${place?.file}:${place?.line}`)).toContain(`servers/typed-sessions.ts:${LINE}`);
    expect(places.filter((place) => place?.file.endsWith('.ts')).map((place) => place?.line)).not.toContain(1);
    expect(code).toBe(1);
  },
);
