import { expect, test } from 'vitest';
import { CHANNELS, check, ENDS_WITHIN_MS, rowOf } from './channel-check.ts';

test(
  '[P25, P32, P33] what every connection leaves grows by one in its channel',
  { timeout: ENDS_WITHIN_MS },
  async () => {
    // What more cycles and each ending alone would say of them is told elsewhere, of one at a time.
    const { code, stdout, result, cycles } = await check(['leaves.mjs', 'all'], ['--no-trace', '--budget', '1000']);
    expect(code).toBe(1);
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
