import { describe, expect, it } from 'vitest';

import { runContext, URL_OF_NOBODY } from '../../test/run-context.ts';
import { openDrive } from '../drive/drive.ts';
import { parseIdentity } from '../drive/identity.ts';
import type { Scenario, ScenarioContext } from '../scenarios/types.ts';
import { notRun, runScenario, type RunContext } from './run-scenario.ts';

function scenario(run: (context: ScenarioContext) => Promise<void>): Scenario {
  const steps = ['one', 'two'].map((id) => ({ id: `s/${id}`, title: id }));
  return { name: 's', aliases: [], purpose: 'p', steps, estimate: () => ({ sockets: 0, seconds: 0 }), run };
}

const run = async (work: (context: ScenarioContext) => Promise<void>, more?: Partial<RunContext>) =>
  (await runScenario(scenario(work), runContext(more), () => openDrive(URL_OF_NOBODY, parseIdentity()))).result;
const summary = (result: Awaited<ReturnType<typeof run>>) =>
  result.steps.map(({ id, status, note }) => [id, status, note]);

describe('a scenario', () => {
  it('[V9] that throws outside its steps is inconclusive with the message, even when every step held', async () => {
    const result = await run(async ({ tracker }) => {
      await tracker.step('s/one', () => ({ ok: true }));
      await tracker.step('s/two', () => ({ ok: true }));
      throw new Error('the bookkeeping broke');
    });
    expect(result.verdict).toBe('inconclusive');
    expect(summary(result).at(-1)).toEqual(['s/unexpected-error', 'inconclusive', 'the bookkeeping broke']);
  });

  it('[C18] is stopped by its first violation with --bail', async () => {
    const result = await run(
      async ({ tracker, signal }) => {
        await tracker.step('s/one', () => ({ ok: false, type: 'timers-left', message: '1 timer' }));
        expect(signal.aborted).toBe(true);
        await tracker.step('s/two', () => ({ ok: true }));
      },
      { bail: true },
    );
    expect(result.verdict).toBe('leak');
    expect(summary(result)).toEqual([
      ['s/one', 'broken', '1 timer'],
      ['s/two', 'not run', 'stopped at the first violation (--bail)'],
    ]);
  });

  it('[C18] is not stopped by a violation that is expected', async () => {
    const result = await run(
      async ({ tracker }) => {
        await tracker.step('s/one', () => ({ ok: false, type: 'timers-left', message: '1 timer' }));
        await tracker.step('s/two', () => ({ ok: true }));
      },
      { bail: true, expected: ['timers-left'] },
    );
    expect(result.verdict).toBe('watertight');
  });

  it('[C11] that does not return after the stop is left to itself', async () => {
    const stop = new AbortController();
    const result = await run(
      async ({ tracker }) => {
        await tracker.step('s/one', () => ({ ok: true }));
        stop.abort('interrupted by SIGINT');
        await new Promise(() => {});
      },
      { signal: stop.signal },
    );
    expect(summary(result)).toEqual([
      ['s/one', 'held', undefined],
      ['s/two', 'not run', 'interrupted by SIGINT'],
    ]);
    expect(result.elapsedMs).toBeLessThan(5_000);
  });

  it('[V10] that was never begun shows all its steps as not run', () => {
    expect(
      notRun(
        scenario(() => Promise.resolve()),
        'out of time',
      ),
    ).toMatchObject({
      verdict: 'inconclusive',
      steps: [
        { status: 'not run', note: 'out of time' },
        { status: 'not run', note: 'out of time' },
      ],
    });
  });
});
