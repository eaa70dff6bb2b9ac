import { expect, test } from 'vitest';
import type { EvidenceRow } from '../src/verdict/window-evidence.ts';
import { check, ENDS_WITHIN_MS, rowOf } from './channel-check.ts';

/** Of each channel the row in which a thing kept of every connection shows as exactly one, or so many bytes. */
const CHANNELS: readonly (readonly [kind: EvidenceRow['kind'], name: RegExp, perCycle: number])[] = [
  ['timers', /^interval 3600000 ms calling beat$/, 1],
  ['listeners', /^EventEmitter#headline$/, 1],
  ['handles', /^UDPWrap$/, 1],
  ['descriptors', /^file$/, 1],
  ['processes', /^sleep$/, 1],
  ['promises', /^Promise never settled$/, 1],
  ['sockets', /^CLOSE_WAIT$/, 1],
  ['sockets', /^FIN_WAIT2$/, 1],
  ['native-memory', /^memory of buffers$/, 10_000],
  ['native-memory', /^memory outside the heap$/, 65_536],
  ['complaints', /^MaxListenersExceededWarning$/, 1],
  ['complaints', /^rejection$/, 1],
];

/** Taken of every connection, or of every fourth, only where they are asked for. */
const DEAR_CHANNELS: typeof CHANNELS = [
  ['threads', /^thread$/, 0.25],
  ['realms', /^vm context$/, 1],
];

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

test('[P25] nothing grows in any channel of the twin that gives all back', { timeout: ENDS_WITHIN_MS }, async () => {
  const { code, result, cycles } = await check(['leaves.mjs', 'nothing', 'thread,realm'], ['--no-trace']);
  expect(cycles.violations).toEqual([]);
  expect(code).toBe(0);
  for (const [kind, name] of [...CHANNELS, ...DEAR_CHANNELS])
    expect(rowOf(cycles, kind, name)?.perCycle ?? null, name.source).toBeNull();
  expect(result.complaints).toEqual([]);
});
