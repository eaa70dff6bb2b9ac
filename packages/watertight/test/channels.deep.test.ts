import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ALIKE, CHANNELS, check, DEAR_CHANNELS, ENDS_WITHIN_MS, newFolder, QUICKLY, rowOf } from './channel-check.ts';

test(
  '[P24] [V26] a server whose worker keeps one job of every connection is convicted, by the same name without a trace',
  { timeout: ENDS_WITHIN_MS },
  async () => {
    const { code, cycles } = await check(['hands-to-worker.mjs', 'leaky']);
    expect(code).toBe(1);
    expect(cycles.findings[0]).toMatchObject({
      kind: 'objects',
      name: 'Job',
      growth: { is: 'leak', perCycle: 1, exact: true },
      allocatedAt: { functionName: 'Job' },
      keptBy: expect.stringMatching(/^Map jobs .* ← work\(\)$/) as string,
    });
    const untraced = await check(['hands-to-worker.mjs', 'leaky'], ['--no-trace']);
    expect(untraced.cycles.findings[0]).toMatchObject({ keptBy: null, fingerprint: cycles.findings[0]?.fingerprint });
  },
);

test('[P24] its healthy twin, whose worker lets go, stays green', { timeout: ENDS_WITHIN_MS }, async () => {
  const { code, cycles } = await check(['hands-to-worker.mjs', 'healthy'], ['--no-trace']);
  expect(cycles.violations).toEqual([]);
  expect(code).toBe(0);
});

test(
  '[P25] threads that are kept, of every fourth connection, grow in theirs',
  { timeout: ENDS_WITHIN_MS },
  async () => {
    const { code, cycles } = await check(['leaves.mjs', 'thread'], QUICKLY);
    expect(code).toBe(1);
    const { perCycle } = rowOf(cycles, 'threads', /^thread$/) ?? { perCycle: null };
    expect(perCycle).toBeGreaterThan(0.15);
    expect(perCycle).toBeLessThan(0.35);
    expect(cycles.violations.map(({ step }) => step)).toContain('cycles/no-process-is-left');
  },
);

/** As Chrome DevTools reads it. */
interface ProfileFile {
  readonly head: ProfileFileNode;
  readonly samples: readonly { readonly size: number; readonly nodeId: number; readonly ordinal: number }[];
}
interface ProfileFileNode {
  readonly id: number;
  readonly selfSize: number;
  readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  readonly children: readonly ProfileFileNode[];
}

test('[P27] with --report-dir the sampled allocation is a .heapprofile', { timeout: ENDS_WITHIN_MS }, async () => {
  const reports = join(newFolder(), 'reports');
  await check(['leaves.mjs', 'nothing'], ['--no-trace', '--report-dir', reports]);
  const text = readFileSync(join(reports, 'allocations-1.heapprofile'), 'utf8');
  const { head, samples } = JSON.parse(text) as ProfileFile;
  const nodes = new Map<number, ProfileFileNode>();
  const pending = [head];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    nodes.set(node.id, node);
    pending.push(...node.children);
  }
  expect(head.callFrame.functionName).toBe('(root)');
  expect(samples.length).toBeGreaterThan(100);
  expect(samples.filter(({ nodeId, size }) => !nodes.has(nodeId) || size <= 0)).toEqual([]);
  const bytes = [...nodes.values()].reduce((sum, { selfSize }) => sum + selfSize, 0);
  // V8 makes the tree and the list one after the other.
  const listed = samples.reduce((sum, { size }) => sum + size, 0);
  expect(Math.abs(bytes - listed)).toBeLessThan(0.02 * listed);
  expect([...nodes.values()].some(({ callFrame }) => callFrame.url.endsWith('leaves.mjs'))).toBe(true);
});

test.each([
  ['promise', { kind: 'promises', name: 'Promise never settled', at: 'promise' }],
  ['child', { kind: 'processes', name: 'child process (sleep)', at: undefined }],
  ['file', { kind: 'descriptors', name: 'file descriptor (file)', at: undefined }],
  ['realm', { kind: 'realms', name: 'vm context', at: undefined }],
])(
  '[P26] a %s that stays is the finding, by its kind',
  { timeout: ENDS_WITHIN_MS },
  async (keeps, { kind, name, at }) => {
    const { code, cycles } = await check(['leaves.mjs', keeps], QUICKLY);
    const [finding] = cycles.findings;
    expect(finding).toMatchObject({ kind, name, growth: { is: 'leak' } });
    expect(code).toBe(1);
    expect(finding?.openOn?.map((file) => file.name)).toEqual(keeps === 'file' ? [process.execPath] : undefined);
    if (at !== undefined)
      expect(finding?.allocatedAt).toMatchObject({
        functionName: at,
        file: expect.stringMatching(/leaves\.mjs$/) as string,
      });
  },
);

test.each(['leaky', 'healthy'])(
  '[P29] a %s server on several processes is judged by the sum of what they keep',
  { timeout: ENDS_WITHIN_MS },
  async (which) => {
    const { code, stderr, cycles } = await check(['clustered-seats.mjs', which], which === 'leaky' ? QUICKLY : ALIKE);
    expect(stderr).toMatch(/is the primary of a node:cluster .* are examined, the primary is not/);
    if (which === 'healthy') expect(cycles.violations).toEqual([]);
    else
      expect(cycles.findings[0]).toMatchObject({
        kind: 'objects',
        name: 'Seat',
        growth: { is: 'leak', perCycle: 1, exact: true },
        allocatedAt: { file: expect.stringMatching(/clustered-seats\.mjs$/) as string },
      });
    expect(code).toBe(which === 'healthy' ? 0 : 1);
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
