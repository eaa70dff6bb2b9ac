import { expect, test } from 'vitest';
import { readFileSync } from 'node:fs';
import { ALIKE, CHANNELS, check, ENDS_WITHIN_MS, rowOf } from './channel-check.ts';

const LEAVES = readFileSync(new URL('servers/leaves.mjs', import.meta.url), 'utf8').split('\n');
const LINE_OF_TICKET = LEAVES.indexOf('class Ticket {') + 1;

test(
  '[P25, P32, P33, H30, N39] what every connection leaves grows by one in its channel, and what comes to rest is told as that',
  { timeout: ENDS_WITHIN_MS },
  async () => {
    // What more cycles and each ending alone would say of them is told elsewhere, of one at a time.
    const { code, stdout, result, cycles } = await check(
      ['leaves.mjs', 'all', 'recent'],
      ['--no-trace', '--budget', '1000', '--plant'],
    );
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /What grew, and is no leak\n(  - .*\n)*  - Page: bounded \(fills to 35\); seen: \+\d+ .*cycles\n/,
    );
    // A leak of its own would prove as much; it was asked for all the same.
    const planted = cycles.steps.find(({ id }) => id === 'cycles/a-planted-leak-is-seen');
    expect(planted).toMatchObject({ status: 'held', figures: { planted: 13, seen: 13 } });
    const page = cycles.evidence?.harmless?.find(({ name }) => name === 'Page');
    expect(page).toMatchObject({ kind: 'objects', growth: { is: 'bounded', at: 35 } });
    for (const [kind, name, perCycle] of CHANNELS) {
      const { perCycle: seen } = rowOf(cycles, kind, name) ?? { perCycle: null };
      // A life that is cut before the server heard of it leaves nothing.
      expect(seen, `${kind} ${name.source}`).toBeGreaterThan(0.7 * perCycle);
      if (perCycle === 1) expect(seen, `${kind} ${name.source}`).toBeLessThan(1.2);
    }
    const { evidence, findings } = cycles;
    expect(evidence?.endings).toContain('rst');
    expect(evidence?.looks.map(({ heapUsedBytes }) => typeof heapUsedBytes)).not.toContain('undefined');
    const lives = (evidence?.looks ?? []).reduce((sum, look) => sum + look.cycles, 0);
    for (const { kind, counts } of evidence?.controls ?? []) {
      const known = counts.filter((count) => count !== null);
      expect((known.at(-1) ?? 0) - (known[0] ?? 0), `control of ${kind}`).toBeLessThan(0.5 * lives);
    }
    expect(evidence?.controls?.map(({ kind }) => kind)).toContain('objects');
    const excerpts = findings.flatMap(({ excerpt }) => excerpt ?? []);
    expect(excerpts.map(({ file }) => file)).toContainEqual(expect.stringContaining('leaves.mjs'));
    expect(findings.some(({ allocations = [] }) => allocations.some(({ bytesPerCycle }) => bytesPerCycle > 0))).toBe(
      true,
    );
    expect(result.complaints.map(({ name, perCycle }) => [name, (perCycle ?? 0) > 0.7])).toEqual(
      expect.arrayContaining([
        ['MaxListenersExceededWarning', true],
        ['rejection', true],
      ]),
    );
    expect(stdout).toMatch(
      /What the server complained of\n.*- MaxListenersExceededWarning × \d+, [\d.]+ per connection: Possible/s,
    );
  },
);

test(
  '[C18, V30, V31] with --bail 32 bytes of every connection are told by class, line and how many cycles it took, while the engine still compiles',
  { timeout: ENDS_WITHIN_MS },
  async () => {
    const { code, stdout, cycles } = await check(['compiles-late.mjs', 'ticket'], [...ALIKE, '--bail']);
    expect(code).toBe(1);
    expect(stdout).toContain('  - Clients followed the recipe says-hello over loopback: ');
    const [finding] = cycles.findings;
    expect(finding).toMatchObject({
      name: 'Ticket',
      growth: { is: 'leak', perCycle: 1, exact: true },
      definedAt: { file: expect.stringMatching(/leaves\.mjs$/) as string, line: LINE_OF_TICKET },
      allocatedAt: { functionName: 'ticket', file: expect.stringMatching(/leaves\.mjs$/) as string },
    });
    expect(finding?.allocations).toContainEqual(expect.objectContaining({ objectsPerCycle: 1, bytesPerCycle: 32 }));
    const lives = (cycles.evidence?.looks ?? []).reduce((sum, look) => sum + look.cycles, 0);
    expect(finding?.convictedAfterCycles).toBeLessThanOrEqual(lives);
    expect(lives).toBeLessThanOrEqual(300);
    expect(stdout).toMatch(/ seen +\+.* cycles; a leak from cycle \d+ on\n/);
  },
);
