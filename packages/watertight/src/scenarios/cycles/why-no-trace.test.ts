import { expect, test } from 'vitest';
import { HEAP, lookAt } from '../../../test/look-at.ts';
import { runContext } from '../../../test/run-context.ts';
import type { LifeDrive } from '../../drive/recipes/types.ts';
import type { HeapExamination } from '../../inspector/heap-types.ts';
import { estimateSnapshotCost } from '../../trace/snapshot-cost.ts';
import { USUAL_EFFORT, type ScenarioContext } from '../types.ts';
import type { Cycled } from './cycling.ts';
import { traceGrowth } from './tracing.ts';
import { whyNoTrace, type AboutTarget } from './why-no-trace.ts';

const OBJECT_COUNT = 1_000_000;
const MB = 1024 ** 2;
const roomy: AboutTarget = {
  objectCount: OBJECT_COUNT,
  cost: estimateSnapshotCost({ objectCount: OBJECT_COUNT }),
  rssBytes: 400 * MB,
  limitBytes: undefined,
  leftMs: 60_000,
};

test.each<[string, Partial<typeof USUAL_EFFORT>, boolean, Partial<AboutTarget>, string]>([
  ['it was not wanted', { trace: false }, false, {}, 'no trace was made (--no-trace)'],
  ['only the place was asked for', {}, true, {}, 'no trace was made, as the run stops at the first violation (--bail)'],
  [
    'it would stop the target for too long',
    { maxStopMs: 5_000 },
    false,
    {},
    'a heap snapshot of 1000000 objects would stop the target for about 9900 ms, more than --max-stop 5000 ms allows',
  ],
  [
    'the container has too little memory',
    {},
    false,
    { limitBytes: 1_536 * MB },
    'a heap snapshot would take the target to about 1544 MB, its container has 1536 MB',
  ],
  [
    'the container would have next to none left',
    {},
    false,
    { limitBytes: 1_700 * MB },
    'a heap snapshot would take the target to about 1544 MB, its container has 1700 MB',
  ],
  ['the budget is used up', {}, false, { leftMs: 30_000 }, 'the budget was used up before a trace (--budget)'],
])('[S18] no heap snapshot is taken, and why is said, where %s', (_why, effort, bail, about, sentence) => {
  expect(whyNoTrace({ ...USUAL_EFFORT, ...effort }, bail, { ...roomy, ...about })).toBe(sentence);
});

test.each<[string, Partial<AboutTarget>]>([
  ['without a container', {}],
  ['with room in its container', { limitBytes: 2_048 * MB }],
])('[S18] nothing speaks against a heap snapshot %s', (_where, about) => {
  expect(whyNoTrace(USUAL_EFFORT, false, { ...roomy, ...about })).toBeUndefined();
});

test('[S18] a target that is not to be stopped is asked for no snapshot, and the reason is told with what leaks', async () => {
  const lastWalk = { ...lookAt(0, 0), heap: { ...HEAP, classes: [{ id: 1, name: 'Session', count: OBJECT_COUNT }] } };
  const cycled = {
    examination: { heap: {} as HeapExamination, lastWalk },
    suspects: [],
    deadlineAtMs: performance.now() + 60_000,
  } as unknown as Cycled;
  const context = { ...runContext(), effort: { ...USUAL_EFFORT, maxStopMs: 100 } } as unknown as ScenarioContext;
  const { traced, note } = await traceGrowth(context, {} as LifeDrive, cycled);
  expect(traced).toEqual([]);
  expect(note).toMatch(/would stop the target for about 9900 ms, more than --max-stop 100 ms allows$/);
});
