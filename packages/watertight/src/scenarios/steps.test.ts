import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { runContext } from '../../test/run-context.ts';
import { starving } from '../../test/starving.ts';
import { runScenario } from '../cli/run-scenario.ts';
import { openDrive } from '../drive/drive.ts';
import { parseIdentity } from '../drive/identity.ts';
import { hasProc, processorWaitMs } from '../target/proc.ts';
import type { ScenarioResult } from '../verdict/types.ts';
import { outcomeOf } from './coverage/outcome-of.ts';
import { inOnePlay, inSteps } from './steps.ts';
import type { StepOutcome } from './types.ts';

const STEPS = ['first', 'second'].map((name) => ({ id: `play/${name}`, title: name }));
const HELD: StepOutcome = { ok: true };
const BROKEN: StepOutcome = { ok: false, message: 'it came too late', type: 'slow-cleanup' };

/** Long enough that no hiccup of the machine decides anything here. */
function standStill(): void {
  const endMs = performance.now() + 250;
  while (performance.now() < endMs);
}

interface Played {
  readonly result: ScenarioResult;
  /** One of each play. */
  readonly users: readonly string[];
}

/** Plays what `outcome` says of each play; `stalls` says in which of them the event loop stands still. */
async function playing(
  stalls: readonly boolean[],
  outcome: (play: number) => StepOutcome,
  run: typeof inSteps = inSteps,
): Promise<Played> {
  const users: string[] = [];
  const { target } = runContext();
  const { result } = await runScenario(
    {
      name: 'play',
      aliases: [],
      purpose: 'for tests',
      steps: STEPS,
      estimate: () => ({ sockets: 0, seconds: 1 }),
      run: (examined) =>
        run(examined, STEPS, async (steps, { drive }) => {
          const isStalled = stalls[users.length] ?? false;
          users.push(drive.userId(1));
          await steps.check('play/first', () => HELD);
          // A turn before, so that the delay is one.
          await delay(20);
          if (isStalled) standStill();
          const play = users.length;
          await steps.check('play/second', () => outcome(play));
        }),
    },
    runContext(),
    () => openDrive(target.url, parseIdentity()),
  );
  return { result, users };
}

const statuses = ({ result }: Played): readonly string[] => result.steps.map(({ status }) => status);

test('[N13] what was broken while an event loop stood still is played once more, with other users, and counts as it is then', async () => {
  const held = await playing([true, false], (play) => (play === 1 ? BROKEN : HELD));
  expect(statuses(held)).toEqual(['held', 'held']);
  expect(held.users).toEqual(['test-user-1', 'test-user-100001']);
  const broken = await playing([true, false], () => BROKEN);
  // The machine may have stood still in the second play too: then it is inconclusive, and never held.
  expect(['broken', 'inconclusive']).toContain(statuses(broken)[1]);
  expect(broken.users).toHaveLength(2);
});

test('[N13] what is broken in both plays while an event loop stood still is inconclusive, and says for how long', async () => {
  const played = await playing([true, true], () => BROKEN);
  expect(statuses(played)).toEqual(['held', 'inconclusive']);
  expect(played.users).toHaveLength(2);
  expect(played.result.violations).toEqual([]);
  expect(played.result.steps[1]?.note).toMatch(
    /^it came too late, but an event loop stood still for \d{3,} ms meanwhile; /,
  );
});

test('[N13] what no delay explains is a violation whatever stood still, and so is all of a scenario that judges time itself, or of a server known to be faulty', async () => {
  const timeless = await playing([true], () => ({ ...BROKEN, isTimeless: true }));
  const own = await playing([true], () => BROKEN, inOnePlay);
  const known = await playing(
    [true],
    () => BROKEN,
    async (context, definitions, body) => await inSteps({ ...context, isFaulty: true }, definitions, body),
  );
  for (const played of [timeless, own, known]) {
    expect(statuses(played)).toEqual(['held', 'broken']);
    expect(played.users).toHaveLength(1);
  }
});

test('[N13] what never came while it was waited for much longer than an event loop stood still is a violation', async () => {
  const never = await playing([true], () => ({ ...BROKEN, waitedMs: 60_000 }));
  expect(statuses(never)).toEqual(['held', 'broken']);
  expect(never.users).toHaveLength(1);
  const late = await playing([true, true], () => ({ ...BROKEN, waitedMs: 500 }));
  expect(statuses(late)).toEqual(['held', 'inconclusive']);
});

test.skipIf(!hasProc())(
  '[N13] so it is where the target was ready to run and had no processor, also when nobody can be asked inside',
  async () => {
    const context = runContext();
    const target = { ...context.target, pids: starving(3) };
    let plays = 0;
    const { result } = await runScenario(
      {
        name: 'play',
        aliases: [],
        purpose: 'for tests',
        steps: STEPS,
        estimate: () => ({ sockets: 0, seconds: 1 }),
        run: (examined) =>
          inSteps(examined, STEPS, async (steps) => {
            plays += 1;
            await steps.check('play/first', () => HELD);
            const before = waitedMs(target.pids);
            const deadlineMs = performance.now() + 10_000;
            const isStarved = (): boolean => waitedMs(target.pids) - before >= 500;
            while (!isStarved() && performance.now() < deadlineMs) await delay(20);
            await steps.check('play/second', () => (plays === 1 ? BROKEN : HELD));
          }),
      },
      { ...context, target },
      () => openDrive(target.url, parseIdentity()),
    );
    expect(plays).toBe(2);
    expect(result.steps.map(({ status }) => status)).toEqual(['held', 'held']);
  },
);

function waitedMs(pids: readonly number[]): number {
  return Math.max(0, ...pids.map((pid) => processorWaitMs(pid) ?? 0));
}

test('[N8] [F6] where it is said which steps have to see a fault, the scenario goes on past what others see, and ends at the first of these', async () => {
  const violatedBefore = async (bailAt: readonly string[] | undefined): Promise<Played> =>
    await playing(
      [],
      () => BROKEN,
      async (context, definitions, body) =>
        await inOnePlay({ ...context, bail: true, bailAt }, definitions, async (steps, own) => {
          await steps.check('play/first', () => BROKEN);
          await body(steps, own);
        }),
    );
  const anywhere = await violatedBefore(undefined);
  const named = await violatedBefore(['play/second']);
  expect(statuses(anywhere)).toEqual(['broken', 'not run']);
  expect(anywhere.users).toHaveLength(0);
  expect(named.users).toHaveLength(1);
  expect([outcomeOf(named.result), outcomeOf(named.result, ['play/second'])]).toMatchObject([
    { outcome: 'play/first' },
    { outcome: 'play/second', note: BROKEN.message },
  ]);
});
