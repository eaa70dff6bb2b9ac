import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { CHECK_ENDS_WITHIN_MS, checkToJson } from './json-check.ts';

const SERVER = fileURLToPath(new URL('servers/two-leaks.mjs', import.meta.url));
/** Of the function that makes both. */
const LINE =
  1 +
  readFileSync(SERVER, 'utf8')
    .split('\n')
    .findIndex((line) => line.includes('function greet'));
const MOST_ENDINGS_SHARE = 0.89;

const checkServer = async (variant: 'leaky' | 'healthy'): ReturnType<typeof checkToJson> =>
  await checkToJson(['--only', 'rapid-connection-cycles-stress'], [SERVER, variant]);

test(
  '[V25] [V27] a text beside leaked connections and a listener are two causes, each with its own line and number',
  async () => {
    const { code, result } = await checkServer('leaky');
    expect(code).toBe(1);
    const findings = result.scenarios[0]?.findings ?? [];
    expect(findings.map(({ name }) => name)).toEqual(['(string)', 'onNews()']);
    const [text, listener] = findings;
    expect(text).toMatchObject({ growth: { perCycle: 1, exact: true } });
    expect(text?.keptBy).toContain('Set names');
    expect(listener?.growth).toMatchObject({ is: 'leak', exact: false });
    if (listener?.growth.is === 'leak') expect(listener.growth.perCycle).toBeCloseTo(MOST_ENDINGS_SHARE, 1);
    for (const { allocatedAt } of findings) expect(allocatedAt).toMatchObject({ functionName: 'greet', line: LINE });
    const carried = ['bytes of memory of buffers', 'listener on EventEmitter#headline'];
    expect(listener?.carriedAlong.slice(0, 2).map(({ name }) => name)).toEqual(carried);
    expect(result.scenarios[0]?.violations.map(({ type }) => type)).not.toContain('memory-left');
  },
  CHECK_ENDS_WITHIN_MS,
);

test(
  '[V25] the same server that forgets both is watertight',
  async () => {
    const { code, result } = await checkServer('healthy');
    expect(result.scenarios[0]?.findings).toEqual([]);
    expect(code).toBe(0);
  },
  CHECK_ENDS_WITHIN_MS,
);
