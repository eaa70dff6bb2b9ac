import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { createJiti } from 'jiti';
import { describe, expect, it, onTestFinished } from 'vitest';

import { ResourceLeakTracker } from './tracker.ts';
import { UncleanError } from './verdict/unclean-error.ts';

const counts = (managers: number, created = 10, heapUsedBytes = 0) => ({
  managers,
  created,
  released: created - managers,
  limitHits: 0,
  users: managers,
  perUser: { 'test-user-1': managers },
  memory: { heapUsedBytes, rssBytes: 2 * heapUsedBytes, externalBytes: 0 },
});

function clock(): { now: () => number; advance(ms: number): void } {
  let nowMs = 1_000;
  return {
    now: () => nowMs,
    advance(ms) {
      nowMs += ms;
    },
  };
}

describe('snapshots', () => {
  it('[V38] of counts that are none are refused, each by its name', async () => {
    const tracker = new ResourceLeakTracker();
    const bad = {
      ...counts(-1, Number.NaN),
      perUser: { ada: 0.5 },
      memory: { ...counts(0).memory, rssBytes: Infinity },
    };
    await expect(tracker.takeSnapshot('x', bad)).rejects.toThrow(
      'managers is -1, created is NaN, released is NaN, users is -1, perUser["ada"] is 0.5, memory.rssBytes is Infinity',
    );
    const missing = JSON.parse('{ "managers": 1 }') as ReturnType<typeof counts>;
    await expect(tracker.takeSnapshot('x', missing)).rejects.toThrow('created is undefined');
    expect(tracker.getSummary().snapshots).toEqual([]);
  });

  it('[V38] a violation of a type that nobody knows is refused', () => {
    const type = JSON.parse('"leeks"') as 'managers-left';
    expect(() => new ResourceLeakTracker().recordViolation(type, 'high', {})).toThrow(
      /^"leeks" is no type of violation; known are .*managers-left/,
    );
  });

  it('[V5] hold label, time, counts, cleanup ratio and the memory above the first one', async () => {
    const time = clock();
    const tracker = new ResourceLeakTracker({ now: time.now });
    await tracker.takeSnapshot('before', counts(0, 0, 1_000));
    time.advance(250);
    const snapshot = await tracker.takeSnapshot('after', () => Promise.resolve(counts(5, 20, 1_500)));
    expect(snapshot).toEqual({
      ...counts(5, 20, 1_500),
      label: 'after',
      takenAtMs: 250,
      cleanupRatio: 0.75,
      memoryDelta: { heapUsedBytes: 500, rssBytes: 1_000, externalBytes: 0 },
    });
    expect(tracker.getSummary().snapshots.map((each) => each.cleanupRatio)).toEqual([1, 0.75]);
  });

  it('[V5] keep their own copy of the distribution', async () => {
    const perUser: Record<string, number> = { a: 1 };
    const tracker = new ResourceLeakTracker();
    const snapshot = await tracker.takeSnapshot('x', { ...counts(1), perUser });
    perUser['a'] = 99;
    expect(snapshot.perUser).toEqual({ a: 1 });
  });

  it('[V5] take the memory of this process when the source has none, and reject when the source does', async () => {
    const { memory: _, ...bare } = counts(0);
    const tracker = new ResourceLeakTracker();
    expect((await tracker.takeSnapshot('x', bare)).memory.rssBytes).toBeGreaterThan(0);
    await expect(tracker.takeSnapshot('y', () => Promise.reject(new Error('gone')))).rejects.toThrow('gone');
  });
});

describe('timings', () => {
  it('[V6] are summed up per operation with percentiles that were really measured', () => {
    const tracker = new ResourceLeakTracker();
    for (let ms = 100; ms >= 1; ms--) tracker.recordTiming('close', ms);
    expect(tracker.recordTiming('open', 7)).toEqual({ count: 1, p50Ms: 7, p95Ms: 7, p99Ms: 7, maxMs: 7 });
    expect(tracker.getSummary().timings['close']).toEqual({ count: 100, p50Ms: 50, p95Ms: 95, p99Ms: 99, maxMs: 100 });
  });

  it('[V37] of many samples are summed up after each in little time', { timeout: 10_000 }, () => {
    const tracker = new ResourceLeakTracker();
    for (let sample = 1; sample < 20_000; sample += 1) tracker.recordTiming('close', (sample * 7_919) % 20_000);
    expect(tracker.recordTiming('close', 20_000)).toMatchObject({ count: 20_000, p50Ms: 10_000, maxMs: 20_000 });
  });

  it.each([NaN, -1, Infinity])('[V37] of %s ms are refused, and change no percentile', (ms) => {
    const tracker = new ResourceLeakTracker();
    tracker.recordTiming('close', 5);
    expect(() => tracker.recordTiming('close', ms)).toThrow(
      `the timing of "close" is ${ms}; expected a number of milliseconds of at least 0`,
    );
    expect(tracker.getSummary().timings['close']).toMatchObject({ count: 1, maxMs: 5 });
  });
});

describe('growth', () => {
  it('[V7] needs two snapshots', async () => {
    const tracker = new ResourceLeakTracker();
    expect(tracker.analyzeResourceGrowth()).toEqual({ status: 'insufficient data', snapshotCount: 0 });
    await tracker.takeSnapshot('only', counts(1));
    expect(tracker.analyzeMemoryGrowth()).toEqual({ status: 'insufficient data', snapshotCount: 1 });
  });

  it('[V7] is last minus first, with peak and mean of the memory', async () => {
    const tracker = new ResourceLeakTracker({ now: () => 0 });
    for (const [managers, heap] of [
      [1, 100],
      [9, 900],
      [3, 300],
    ] as const) {
      await tracker.takeSnapshot('x', counts(managers, 10, heap));
    }
    expect(tracker.analyzeResourceGrowth()).toMatchObject({ managers: 2, released: -2, users: 2, elapsedMs: 0 });
    expect(tracker.analyzeMemoryGrowth()).toMatchObject({
      total: { heapUsedBytes: 200 },
      peak: { heapUsedBytes: 800 },
      meanPerStep: { heapUsedBytes: 100 },
    });
  });

  it('[V7] of memory alone never fails a run', async () => {
    const tracker = new ResourceLeakTracker();
    await tracker.takeSnapshot('x', counts(0, 0, 0));
    await tracker.takeSnapshot('y', counts(0, 0, 1e12));
    expect(() => tracker.assertClean()).not.toThrow();
  });
});

describe('nothing is overlooked', () => {
  it('[V8] a clean tracker passes', () => {
    const tracker = new ResourceLeakTracker();
    tracker.assertClean();
    tracker[Symbol.dispose]();
  });

  it('[V8] assertClean names every violation that was not expected', () => {
    const tracker = new ResourceLeakTracker({ scenario: 'chat' }).expect('slow-cleanup');
    tracker.recordViolation('managers-left', 'critical', { managers: 3 });
    tracker.recordViolation('slow-cleanup', 'high', { elapsedMs: 900 });
    tracker.recordViolation('timers-left', 'medium', {}, '2 timers stayed');
    expect(() => tracker.assertClean()).toThrow(
      new UncleanError('chat', [
        'managers-left (critical): managers-left: managers 3',
        'timers-left (medium): 2 timers stayed',
      ]),
    );
  });

  it('[V8] an expected violation that does not occur is one itself', () => {
    const tracker = new ResourceLeakTracker().expect('sockets-left');
    expect(() => tracker.assertClean()).toThrow('sockets-left was expected by name and did not occur');
  });

  it('[V8] an inconclusive step is not clean', () => {
    const tracker = new ResourceLeakTracker();
    tracker.skip('a/b', 'inconclusive', 'the machine was busy');
    expect(() => tracker.assertClean()).toThrow('a/b is inconclusive: the machine was busy');
  });

  it('[V8] disposing a tracker that nobody asked throws, once', () => {
    const tracker = new ResourceLeakTracker();
    tracker.recordViolation('users-left', 'high', {});
    expect(() => tracker[Symbol.dispose]()).toThrow(UncleanError);
    expect(() => tracker[Symbol.dispose]()).not.toThrow();
    tracker.recordViolation('handles-left', 'high', {});
    expect(() => tracker[Symbol.dispose]()).toThrow('handles-left');
  });
});

describe('steps that have to be looked at', () => {
  const steps = [
    { id: 's/one', title: 'One' },
    { id: 's/two', title: 'Two' },
  ];

  it('[V36] are not clean while nobody has looked', async () => {
    const tracker = new ResourceLeakTracker({ scenario: 's', steps });
    await tracker.step('s/one', () => ({ ok: true }));
    expect(() => tracker.assertClean()).toThrow(new UncleanError('s', ['s/two is not run: nobody looked at it']));
    await tracker.step('s/two', () => ({ ok: true }));
    expect(() => tracker.assertClean()).not.toThrow();
  });

  it('[V36] make disposing a tracker throw that nobody used at all', () => {
    const tracker = new ResourceLeakTracker({ scenario: 's', steps });
    expect(() => tracker[Symbol.dispose]()).toThrow('s/one is not run: nobody looked at it');
    expect(() => tracker[Symbol.dispose]()).not.toThrow();
  });
});

describe('steps', () => {
  const steps = [
    { id: 's/one', title: 'One' },
    { id: 's/two', title: 'Two' },
    { id: 's/three', title: 'Three' },
  ];

  it('[V9] hold, break with a violation, or are inconclusive when they throw', async () => {
    const tracker = new ResourceLeakTracker({ scenario: 's', steps });
    expect(
      await tracker.step('s/two', () => ({
        ok: false,
        type: 'timers-left',
        message: '3 timers',
        figures: { timers: 3 },
      })),
    ).toBe(false);
    expect(await tracker.step('s/one', () => Promise.resolve({ ok: true, figures: { seen: 1 } }))).toBe(true);
    expect(await tracker.step('s/three', () => Promise.reject(new Error('connection lost')))).toBe(false);
    const result = tracker.result();
    expect(result.steps.map(({ id, status, note }) => [id, status, note])).toEqual([
      ['s/one', 'held', undefined],
      ['s/two', 'broken', '3 timers'],
      ['s/three', 'inconclusive', 'connection lost'],
    ]);
    expect(result.violations).toEqual([
      {
        type: 'timers-left',
        kind: 'leak',
        severity: 'critical',
        scenario: 's',
        step: 's/two',
        message: '3 timers',
        evidence: { timers: 3 },
        expected: false,
      },
    ]);
    expect(result.verdict).toBe('leak');
  });

  it('[V9] are not run once the run was stopped, and what a stopped step throws is not its own', async () => {
    const stop = new AbortController();
    const tracker = new ResourceLeakTracker({ scenario: 's', steps, signal: stop.signal });
    await tracker.step('s/one', () => {
      stop.abort('interrupted by SIGINT');
      throw new Error('aborted');
    });
    await tracker.step('s/two', () => {
      throw new Error('never called');
    });
    expect(
      tracker
        .result()
        .steps.slice(0, 2)
        .map(({ status, note }) => [status, note]),
    ).toEqual([
      ['not run', 'interrupted by SIGINT'],
      ['not run', 'interrupted by SIGINT'],
    ]);
  });

  it('[V9] that break while the target dies are not run, and convict nobody', async () => {
    const tracker = new ResourceLeakTracker({ scenario: 's', doubt: () => Promise.resolve('the target crashed') });
    expect(await tracker.step('s/one', () => ({ ok: true }))).toBe(true);
    expect(await tracker.step('s/two', () => ({ ok: false }))).toBe(false);
    const { steps: results, violations } = tracker.result();
    expect(results.map(({ status, note }) => [status, note])).toEqual([
      ['held', undefined],
      ['not run', 'the target crashed'],
    ]);
    expect(violations).toEqual([]);
  });

  it('[V10] that nobody looked at are not run, and the scenario is not watertight', async () => {
    const tracker = new ResourceLeakTracker({ scenario: 's', steps });
    await tracker.step('s/one', () => ({ ok: true }));
    const result = tracker.result('it ended');
    expect(result.steps.slice(1).map(({ status, note }) => [status, note])).toEqual([
      ['not run', 'it ended'],
      ['not run', 'it ended'],
    ]);
    expect(result.verdict).toBe('inconclusive');
  });
});

describe('documentation', () => {
  it('[V13] the example of the tracker runs as it stands', async () => {
    const source = readFileSync(fileURLToPath(new URL('tracker.ts', import.meta.url)), 'utf8');
    const example = /\* ```ts\n([\s\S]+?)\n \* ```/.exec(source)?.[1]?.replaceAll(/^ \* ?/gm, '') ?? '';
    expect(example).toContain('assertClean');
    const folder = mkdtempSync(join(tmpdir(), 'watertight-example-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, 'example.ts'), example);
    const alias = { watertight: fileURLToPath(new URL('index.ts', import.meta.url)) };
    await createJiti(import.meta.url, { alias, fsCache: false }).import(join(folder, 'example.ts'));
  });
});
