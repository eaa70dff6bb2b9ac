import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type Finding, explainGrowth, youngestId } from './finding.ts';
import { PathGrowth } from './growth.ts';
import { readSnapshotFile } from './snapshot-reader.ts';

const PROGRAM = fileURLToPath(new URL('../../test/fixtures/leaves-behind.mjs', import.meta.url));
const LINES = readFileSync(PROGRAM, 'utf8').split('\n');
/** Another Node is examined with WATERTIGHT_TEST_NODE=/path/to/node; see scripts/test-runtimes.mjs. */
const NODE = process.env['WATERTIGHT_TEST_NODE'] ?? process.execPath;
const CYCLES = [101, 67];

/** What each way to leak grows, and the variable of the module that holds it. */
const LEAKS = {
  map: ['Session', 'byId', 1],
  strings: ['(string)', 'texts', 1],
  numbers: ['(string)', 'numbersById', 1],
  set: ['(string)', 'namesSeen', 1],
  interval: ['Timeout', 'timerListMap', 2],
  listener: ['(anonymous function)', 'hub', 1],
  reaction: ['system / PromiseReaction', 'neverSettled', 1],
  pending: ['Promise', 'pendingCalls', 1],
  buffers: ['Buffer', 'uploads', 1],
  dictionary: ['Session', 'dictionary', 1],
  closures: ['(anonymous function)', 'callbacks', 1],
  nested: ['Session', 'byUser', 1],
  tenth: ['Session', 'seldom', 0.095],
  block: ['Object', 'trail', 1],
  moments: ['(number)', 'moments', 1],
  weakMap: ['Object', 'members', 1],
  proxies: ['Proxy', 'observed', 1],
} as const;
const HEALTHY = ['lru', 'ring', 'users', 'clean'];

async function examine(folder: string, kinds: readonly string[]): Promise<readonly Finding[]> {
  await promisify(execFile)(NODE, [PROGRAM, folder, kinds.join(','), [0, ...CYCLES].join(',')]);
  const growth = new PathGrowth();
  const first = await readSnapshotFile(join(folder, '0.heapsnapshot'));
  growth.add(first);
  growth.add(await readSnapshotFile(join(folder, '1.heapsnapshot')));
  const last = await readSnapshotFile(join(folder, '2.heapsnapshot'));
  growth.add(last);
  return explainGrowth(last, growth.growing(CYCLES), { bornAfterId: youngestId(first), maxCount: 30 });
}

const folder = mkdtempSync(join(tmpdir(), 'watertight-heaps-'));
afterAll(() => rmSync(folder, { recursive: true }));

const holds = (finding: Finding, variable: string): boolean =>
  finding.path?.steps.some(
    ({ kind, name }) => (kind === 'variable' || kind === 'weak map entry') && name === variable,
  ) === true;

describe('a process that leaks in eighteen ways beside four healthy ones', () => {
  let findings: readonly Finding[] = [];
  beforeAll(async () => {
    // Timers hang in one list of Node's: two ways to leak, one place where it grows.
    findings = await examine(folder, [...Object.keys(LEAKS), 'timeout', ...HEALTHY]);
  }, 60_000);

  it.each(Object.entries(LEAKS))('[S4, S5] %s is found where it is held', (_, [className, variable, perCycle]) => {
    const found = findings.filter((finding) => holds(finding, variable));
    expect(found.map((one) => one.className)).toEqual([className]);
    expect(found[0]?.perCycle).toBeCloseTo(perCycle, 2);
    expect(found[0]?.exact).toBe(Number.isInteger(perCycle));
  });

  it('[S5, S6] and nothing else is', () => {
    const expected = Object.values(LEAKS).map(([, variable]) => variable);
    const others = findings.filter((finding) => !expected.some((variable) => holds(finding, variable)));
    expect(others.map(({ className, signature, counts }) => ({ className, signature, counts }))).toEqual([]);
  });

  it('[S6] says what is carried along, in objects and bytes', () => {
    const [map] = findings.filter((finding) => holds(finding, 'byId'));
    expect(map?.carriesAlong).toContainEqual({ className: '(number)', perCycle: 1 });
    expect(map?.bytesPerCycle).toBeGreaterThan(60);
    expect(map?.bytesPerCycle).toBeLessThan(400);
    const [buffers] = findings.filter((finding) => holds(finding, 'uploads'));
    expect(buffers?.bytesPerCycle).toBeGreaterThan(9_000);
  });

  it('[S7] names the variable, its scope and declaration, and the code that was left behind', () => {
    const [listener] = findings.filter((finding) => holds(finding, 'hub'));
    const hub = listener?.path?.steps.find(({ name }) => name === 'hub');
    expect(hub?.scope).toEqual({
      name: 'module scope',
      place: { url: PROGRAM, line: 29, column: 7, mapped: false },
    });
    expect(listener?.place).toMatchObject({ url: PROGRAM, line: 67 });
    const [timeout] = findings.filter((finding) => holds(finding, 'timerListMap'));
    expect(timeout?.place?.url).toBe(PROGRAM);
  });

  it("[S32] of a variable of Node's own it says of which script it is", () => {
    const [timeout] = findings.filter((finding) => holds(finding, 'timerListMap'));
    const lists = timeout?.path?.steps.find(({ name }) => name === 'timerListMap');
    expect(lists?.scope?.name).toBe('module scope');
    expect(lists?.scope?.ofNode).toMatch(/^node:(internal\/)?timers$/);
  });

  it('[S20] of a variable of a block it says where it stands, and of an entry of a WeakMap that it is one', () => {
    const [audited] = findings.filter((finding) => holds(finding, 'trail'));
    expect(audited?.path?.steps.find(({ name }) => name === 'trail')).toMatchObject({
      kind: 'variable',
      className: 'Set',
      scope: { place: { url: PROGRAM, line: LINES.findIndex((line) => line.includes('const trail')) + 1 } },
    });
    const [member] = findings.filter((finding) => holds(finding, 'members'));
    const steps = member?.path?.steps.map(({ kind, name }) => `${kind} ${name}`) ?? [];
    expect(steps.indexOf('weak map entry members')).toBeGreaterThan(steps.indexOf('variable lobby'));
  });

  it('[S21] tells numbers as numbers, and no text beside an object', () => {
    const [audited] = findings.filter((finding) => holds(finding, 'trail'));
    expect(audited?.carriesAlong.map(({ className }) => className)).toEqual(['(number)']);
  });

  it('[S10] each is held by one holder', () => {
    expect(findings.map(({ className, retainers }) => [className, retainers.count])).toEqual(
      findings.map(({ className }) => [className, 1]),
    );
  });

  it('[S11] each has a fingerprint of its own', () => {
    const fingerprints = findings.map(({ fingerprint }) => fingerprint);
    expect(new Set(fingerprints).size).toBe(findings.length);
    expect(fingerprints.every((one) => /^[\da-f]{12}$/.test(one))).toBe(true);
  });
});

describe('a healthy process', () => {
  it('[S5] grows nowhere', async () => {
    const findings = await examine(folder, HEALTHY);
    expect(findings.map(({ className, signature, counts }) => ({ className, signature, counts }))).toEqual([]);
  }, 60_000);
});
