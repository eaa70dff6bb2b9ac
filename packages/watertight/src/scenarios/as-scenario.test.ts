import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { runContext, URL_OF_NOBODY } from '../../test/run-context.ts';
import { starving } from '../../test/starving.ts';
import { runScenario } from '../cli/run-scenario.ts';
import { openDrive } from '../drive/drive.ts';
import { parseIdentity } from '../drive/identity.ts';
import type { ScenarioResult } from '../verdict/types.ts';
import { hasProc, processorWaitMs } from '../target/proc.ts';
import { asScenario } from './as-scenario.ts';
import type { Copies, ScenarioContext } from './types.ts';

/** Plays a situation whose one step is broken in its first play, after an event loop that stood still; answers the users of each play. */
async function brokenOnce(
  more: Partial<ScenarioContext>,
): Promise<{ readonly result: ScenarioResult; readonly users: readonly string[] }> {
  const users: string[] = [];
  const situation = asScenario({
    name: 'a-situation',
    purpose: 'for tests',
    steps: [{ id: 'situation/holds', title: 'it holds' }],
    async run(world, context) {
      users.push(world.user(1));
      expect(context.drive.userId(1)).toBe(world.user(1));
      // A turn before, so that the delay is one; and long enough that no hiccup of the machine decides anything here.
      await delay(20);
      const endMs = performance.now() + (users.length === 1 ? 250 : 0);
      while (performance.now() < endMs);
      await world.check('situation/holds', () => ({ ok: users.length > 1, message: 'it came too late' }));
    },
  });
  const context = runContext(more);
  const { result } = await runScenario(situation, context, () => openDrive(context.target.url, parseIdentity()));
  return { result, users };
}

test('[N13] a situation is played once more, with other users, where a step was broken while an event loop stood still', async () => {
  const { result, users } = await brokenOnce({});
  expect(result.verdict).toBe('watertight');
  expect(users).toEqual(['test-user-1', 'test-user-100001']);
});

test('[N13] a soak that was given a length is played once', async () => {
  const { result, users } = await brokenOnce({ soak: { durationMs: 1_000, file: undefined } });
  expect(result.verdict).toBe('violation');
  expect(users).toHaveLength(1);
});

test.skipIf(!hasProc())(
  '[N13] and where a further process that it had started was ready to run and had no processor',
  async () => {
    const copies: Copies = {
      start: async () => {
        const pids = starving(3);
        const { target } = runContext();
        return { target: { ...target, pids }, port: 9, openDrive: () => openDrive(URL_OF_NOBODY, parseIdentity()) };
      },
    };
    const users: string[] = [];
    const situation = asScenario({
      name: 'with-a-copy',
      purpose: 'for tests',
      steps: [{ id: 'copy/holds', title: 'it holds' }],
      async run(world, context) {
        users.push(world.user(1));
        if (users.length === 1) {
          const copy = await context.copies?.start();
          const waitedMs = (): number =>
            Math.max(0, ...(copy?.target.pids ?? []).map((pid) => processorWaitMs(pid) ?? 0));
          await world.until(waitedMs, (ms) => ms > 500, 10_000);
        }
        await world.check('copy/holds', () => ({ ok: users.length > 1, message: 'it came too late' }));
      },
    });
    const context = runContext({ copies });
    const { result } = await runScenario(situation, context, () => openDrive(context.target.url, parseIdentity()));
    expect(users).toHaveLength(2);
    expect(result.verdict).toBe('watertight');
  },
);
