import { expect, test } from 'vitest';

import { runContext } from '../../../test/run-context.ts';
import { runScenario } from '../../cli/run-scenario.ts';
import { openDrive } from '../../drive/drive.ts';
import { parseIdentity } from '../../drive/identity.ts';
import type { Look } from '../../evidence/examination.ts';
import type { Suspect } from '../../verdict/suspects.ts';
import type { ScenarioResult } from '../../verdict/types.ts';
import { inOnePlay } from '../steps.ts';
import { checkMemory, memoryOfKeptBuffers } from './memory-check.ts';

const STEP = { id: 'cycles/no-memory-outside-the-heap-grows', title: '' };
const WINDOWS = [29, 33, 38];
const BYTES_PER_CYCLE = 7_000;

/** Memory that grows with the cycles: of buffers, and else outside the heap. */
function looksWith(ofBuffers: number, outside: number): readonly Look[] {
  let cyclesDone = 0;
  const looks = [0, ...WINDOWS].map((cycles, atMs) => {
    cyclesDone += cycles;
    const arrayBuffersBytes = ofBuffers * cyclesDone;
    const memory = { arrayBuffersBytes, externalBytes: arrayBuffersBytes + outside * cyclesDone };
    return { cycles, atMs, heap: { memory } };
  });
  return looks as unknown as readonly Look[];
}

const leaking = (name: string): Suspect => ({
  from: 'count',
  series: { kind: 'objects', key: name, name, counts: [], about: {} },
  growth: { is: 'leak', perCycle: 1, exact: true, low: 1, high: 1 },
});

async function judged(looks: readonly Look[], suspects: readonly Suspect[]): Promise<ScenarioResult> {
  const cycled = { examination: { looks }, suspects, cutShort: undefined };
  const context = runContext();
  const { result } = await runScenario(
    {
      name: 'memory',
      aliases: [],
      purpose: 'for tests',
      steps: [STEP],
      estimate: () => ({ sockets: 0, seconds: 1 }),
      run: (run) => inOnePlay(run, [STEP], async (steps) => await checkMemory(steps, cycled, 'no process')),
    },
    context,
    () => openDrive(context.target.url, parseIdentity()),
  );
  return result;
}

test('[N6] memory of buffers is no violation of its own where the ArrayBuffers that have it are counted as objects', async () => {
  const looks = looksWith(BYTES_PER_CYCLE, 0);
  const suspects = [leaking('ArrayBuffer')];
  const result = await judged(looks, suspects);
  expect(result.violations).toEqual([]);
  expect(result.steps[0]).toMatchObject({ status: 'held' });
  const kept = memoryOfKeptBuffers({ examination: { looks }, suspects, cutShort: undefined });
  expect(kept).toMatchObject({ series: { name: 'memory of buffers' }, bytesPerCycle: BYTES_PER_CYCLE });
});

test('[N6] memory that no counted object explains convicts: of buffers without one, and outside the heap in any case', async () => {
  const ofBuffers = await judged(looksWith(BYTES_PER_CYCLE, 0), [leaking('WebSocket')]);
  expect(ofBuffers.violations).toMatchObject([
    {
      type: 'memory-left',
      message: 'memory outside the heap grew with the cycles: memory of buffers 7000 B per cycle',
    },
  ]);
  const outside = await judged(looksWith(BYTES_PER_CYCLE, BYTES_PER_CYCLE), [leaking('ArrayBuffer')]);
  expect(outside.violations).toMatchObject([
    {
      type: 'memory-left',
      message: 'memory outside the heap grew with the cycles: memory outside the heap 7000 B per cycle',
    },
  ]);
  expect((await judged(looksWith(0, 0), [])).violations).toEqual([]);
});
