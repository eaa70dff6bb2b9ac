import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import type { HeapExamination, HeapLook } from '../src/inspector/heap-types.ts';
import { openInsideView } from '../src/inspector/open.ts';
import type { InsideView } from '../src/inspector/types.ts';
import { rapidConnectionCyclesStress } from '../src/scenarios/rapid-connection-cycles-stress.ts';
import { spawnTarget } from '../src/target/spawn.ts';
import type { Target } from '../src/target/types.ts';
import { examine, NOTHING_PROMISED } from './scenario-bench.ts';

const SERVER = fileURLToPath(new URL('servers/keeps-sessions.mjs', import.meta.url));
const ENDS_WITHIN_MS = 60_000;
/** The fewest that are judged. */
const CYCLES = 10;
const STEP = 'cycles/a-planted-leak-is-seen';

async function startServer(): Promise<{ readonly target: Target; readonly inside: InsideView }> {
  const target = await spawnTarget({ command: [process.execPath, '--inspect=127.0.0.1:0', SERVER] });
  onTestFinished(() => target.end());
  const inside = await openInsideView(target.pid ?? 0);
  onTestFinished(() => inside.close());
  return { target, inside };
}

/** A view that goes on showing the heap as it was at its first walk. */
function blinded(inside: InsideView): InsideView {
  const open = inside.examineHeap.bind(inside);
  const examineHeap = async (): Promise<HeapExamination> => {
    const heap = await open();
    const look = heap.look.bind(heap);
    let first: Pick<HeapLook, 'classes' | 'collections' | 'survivors'> | undefined;
    return Object.defineProperty(heap, 'look', {
      value: async (options: Parameters<HeapExamination['look']>[0]): Promise<HeapLook> => {
        const seen = await look(options);
        const { classes, collections, survivors } = seen;
        if (options.classes) first ??= { classes, collections, survivors };
        return { ...seen, ...(options.classes ? first : { survivors: [] }) };
      },
    });
  };
  return Object.defineProperty(inside, 'examineHeap', { value: examineHeap });
}

test(
  '[N39] a view that sees nothing is convicted of that, and says of no server that it is watertight',
  { timeout: ENDS_WITHIN_MS },
  async () => {
    const { target, inside } = await startServer();
    const { steps, verdict, violations } = await examine(
      { target, inside: blinded(inside) },
      rapidConnectionCyclesStress,
      { cycles: CYCLES, promises: NOTHING_PROMISED, settleMs: 500 },
    );
    expect(violations).toMatchObject([
      {
        type: 'planted-leak-unseen',
        step: STEP,
        message: expect.stringMatching(/^of 13 planted objects 0 were seen/) as string,
      },
    ]);
    expect(steps.find(({ id }) => id === STEP)).toMatchObject({ status: 'broken' });
    expect(verdict).not.toBe('watertight');
  },
);
