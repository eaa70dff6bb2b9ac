import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { CHECK_ENDS_WITHIN_MS, checkToJson } from './json-check.ts';

const SERVER = fileURLToPath(new URL('servers/remembers-silent.mjs', import.meta.url));
const LINES = readFileSync(SERVER, 'utf8').split('\n');
const OPTIONS = ['--only', 'rapid-connection-cycles-stress', '--cycles', '40', '--silence', '1000'];

const lineOf = (text: string): number => LINES.findIndex((line) => line.includes(text)) + 1;

test(
  '[N52] what stays of silent peers alone has its line, its keeper and its number, like what stays after other endings',
  { timeout: CHECK_ENDS_WITHIN_MS },
  async () => {
    const { code, stdout, result } = await checkToJson(OPTIONS, [SERVER, 'objects']);
    expect(code, stdout).toBe(1);
    const findings = result.scenarios[0]?.findings ?? [];
    expect(findings.map(({ name }) => name)).toEqual(['Absence']);
    const [absence] = findings;
    expect(absence).toMatchObject({
      growth: { is: 'leak', perCycle: 1, exact: true },
      definedAt: { line: lineOf('constructor(number)') },
      endings: { leaking: ['vanish', 'stall'] },
      windows: [{ cycles: 22, grew: 22 }],
    });
    expect([lineOf('constructor(number)'), lineOf('const miss')]).toContain(absence?.allocatedAt?.line);
    expect(absence?.keptBy).toBe(
      `Set absences (${absence?.allocatedAt?.file}:${lineOf('const absences')}) ← module scope`,
    );
    expect(stdout).toContain('stays        after vanish, stall; not after close-frame');
  },
);

test('[N52] where nothing stays of them nothing is told', { timeout: CHECK_ENDS_WITHIN_MS }, async () => {
  const { code, stdout, result } = await checkToJson(OPTIONS, [SERVER, 'nobody']);
  expect(result.scenarios[0]?.findings).toEqual([]);
  expect(code, stdout).toBe(0);
});
