import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';

import type { CheckResult, ScenarioResult } from '../src/verdict/types.ts';
import type { EvidenceRow } from '../src/verdict/window-evidence.ts';
import { runCli } from './cli-process.ts';

const ENDS_WITHIN_MS = 120_000;
const folder = mkdtempSync(join(tmpdir(), 'watertight-channels-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Lives that leave the same every time. */
const ALIKE = ['--no-trace', '--recipe', fileURLToPath(new URL('servers/says-hello.mjs', import.meta.url))];
/** And suspicion that costs little. */
const QUICKLY = [...ALIKE, '--budget', '1000'];

interface Checked {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly result: CheckResult;
  readonly cycles: ScenarioResult;
}

/** The windows of cycles alone: few of them, since all that is kept here is kept of every connection. */
async function check(server: readonly string[], options: readonly string[] = []): Promise<Checked> {
  const json = join(folder, 'result.json');
  const [name = '', ...args] = server;
  const file = fileURLToPath(new URL(`servers/${name}`, import.meta.url));
  const asked = ['--only', 'rapid-connection-cycles-stress', '--cycles', '30', '--settle', '500', '--json', json];
  const ended = await runCli(['check', ...asked, ...options, '--', process.execPath, file, ...args], {
    cwd: folder,
    deadlineMs: ENDS_WITHIN_MS,
  });
  const result = JSON.parse(readFileSync(json, 'utf8')) as CheckResult;
  const [cycles] = result.scenarios;
  if (cycles === undefined) throw new Error(ended.stderr);
  return { code: ended.code, stdout: ended.stdout, stderr: ended.stderr, result, cycles };
}

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

const rowOf = ({ evidence }: ScenarioResult, kind: string, name: RegExp): EvidenceRow | undefined =>
  evidence?.rows.find((row) => row.kind === kind && name.test(row.name));

test(
  '[P25, P32, P33] what every connection leaves grows by one in its channel',
  { timeout: ENDS_WITHIN_MS },
  async () => {
    const { code, stdout, result, cycles } = await check(['leaves.mjs', 'all'], ['--no-trace']);
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
  const reports = join(folder, 'reports');
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
