import { expect, test } from 'vitest';

import { lookAt } from '../../../test/look-at.ts';
import { runContext, URL_OF_NOBODY } from '../../../test/run-context.ts';
import { runScenario } from '../../cli/run-scenario.ts';
import { openDrive } from '../../drive/drive.ts';
import { parseIdentity } from '../../drive/identity.ts';
import type { LifeDrive, LifeEnding } from '../../drive/recipes/types.ts';
import type { Examination } from '../../evidence/examination.ts';
import type { Growth } from '../../verdict/finding.ts';
import { doubtStacks, type Suspect } from '../../verdict/suspects.ts';
import { inSteps } from '../steps.ts';
import { checkEndings } from './attribution.ts';
import { MIXED_ENDINGS } from './cycling.ts';

const ID = 'cycles/nothing-is-left-after-any-ending';
const WHY = '200 cycles more would take about 43 s, of the budget 57 s were left (--budget)';
const GROWS: Growth = { is: 'leak', perCycle: 0.1, exact: false, low: 0.05, high: 0.2 };

const stack: Suspect = {
  from: 'site',
  growth: GROWS,
  bytesPerCycle: 8,
  site: { site: { key: 'clean', stack: [], windows: [], sizes: [] }, windows: [], bySize: [] },
};
const count: Suspect = {
  from: 'count',
  growth: GROWS,
  series: { kind: 'objects', key: 'objects:1', name: 'Seat', counts: [], about: {} },
};

/** How the step ends that tells endings apart. */
async function attributed(
  suspects: readonly Suspect[],
  endings: readonly LifeEnding[] = MIXED_ENDINGS,
  lookCount: number = 1,
): Promise<{ readonly status: string; readonly note: string }> {
  // With as much to look at as saying that something is visible takes; whoever would drive lives finds nothing to do it with.
  const look = { ...lookAt(0, 0), server: { ...lookAt(0, 0).server, sockets: { ESTABLISHED: 1 } } };
  const looks = Array.from({ length: lookCount }, (_, index) => ({ ...look, cycles: 100 * index }));
  const cycled = {
    users: [],
    endings,
    examination: { looks } as unknown as Examination,
    waves: [],
    cycles: 100,
    askedFor: 100,
    patienceMs: 0,
    suspects,
    deadlineAtMs: performance.now() + 60_000,
    cutShort: WHY,
  };
  const steps = [{ id: ID, title: 'nothing stays' }];
  const { result } = await runScenario(
    {
      name: 'cycles',
      aliases: [],
      purpose: 'for tests',
      steps,
      estimate: () => ({ sockets: 0, seconds: 1 }),
      run: (context) =>
        inSteps(context, steps, async (inPlay, { drive }) => {
          await checkEndings({ ...context, drive }, inPlay, {} as LifeDrive, cycled);
        }),
    },
    runContext(),
    () => openDrive(URL_OF_NOBODY, parseIdentity()),
  );
  const [step] = result.steps;
  return { status: step?.status ?? '', note: step?.note ?? '' };
}

test('[V20] stacks that are in doubt are not tried ending by ending: a few more lives leave as much of them, leaking or not', async () => {
  const inDoubt = await attributed(doubtStacks([stack], WHY, 1));
  expect(inDoubt).toEqual({ status: 'inconclusive', note: `object: only seen to survive; ${WHY}` });
});

test('[V20] beside a count that leaks, and where more cycles told, they are', async () => {
  for (const suspects of [doubtStacks([stack, count], WHY, 1), [stack]]) {
    const tried = await attributed(suspects);
    expect(tried.note).not.toContain('only seen to survive');
  }
});

test('[V20] clients that end in one way convict nobody of what is not decided, and name what is by its stack as well', async () => {
  const parsers: Suspect = { ...count, growth: { is: 'undecided', why: 'neither steady nor at an end' } };
  expect(await attributed([parsers], ['as-written'])).toEqual({
    status: 'inconclusive',
    note: `Seat: neither steady nor at an end; ${WHY}`,
  });
  expect(await attributed([parsers, stack], ['as-written'])).toMatchObject({
    status: 'broken',
    note: 'left after the end that the recipe writes: object',
  });
});

test('[V33] what is not decided and went by itself is not tried either: what is younger than it was then would stay after every ending', async () => {
  const uneven: Growth = { is: 'undecided', why: '0.8 per cycle at first, 0.3 later: neither steady nor at an end' };
  const buckets = (counts: readonly number[]): Suspect => ({
    ...count,
    growth: uneven,
    series: { ...count.series, counts },
  });
  expect(await attributed([buckets([0, 80, 20, 110])], MIXED_ENDINGS, 4)).toEqual({
    status: 'inconclusive',
    note: `Seat: ${uneven.why}; ${WHY}`,
  });
  const tried = await attributed([buckets([0, 80, 160, 170])], MIXED_ENDINGS, 4);
  expect(tried.note).not.toContain(uneven.why);
});
