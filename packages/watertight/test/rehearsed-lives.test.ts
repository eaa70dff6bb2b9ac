import { runInThisContext } from 'node:vm';
import { createManagerFactory, type ManagerFactory, type ManagerFactoryOptions } from '@watertight/server';
import { expect, onTestFinished, test } from 'vitest';
import { REHEARSE_BOUNDS } from '../src/inspector/bound-probes.ts';
import { REHEARSE_LIVES } from '../src/inspector/life-probes.ts';
import type { BoundsRehearsed, LivesRehearsed } from '../src/inspector/types.ts';
import { BOUND_STEPS } from '../src/scenarios/limit/rehearsed-bounds.ts';
import { judgeLife, LIFE_STEPS } from '../src/scenarios/limit/rehearsed-lives.ts';

type Rehearsal = Pick<ManagerFactory, 'rehearsal'>;
type Rehearse<Seen> = (factory: Rehearsal | object) => Promise<Seen | null>;

// Outside a target it is an expression like any other.
const rehearse = runInThisContext(`(${REHEARSE_LIVES})`) as Rehearse<LivesRehearsed>;
const rehearseBounds = runInThisContext(`(${REHEARSE_BOUNDS})`) as Rehearse<BoundsRehearsed>;

function server(): ManagerFactory {
  const factory = createManagerFactory();
  onTestFinished(() => factory.close());
  return factory;
}

/** Those steps of the list that did not hold. */
async function redSteps(factory: Rehearsal): Promise<readonly string[]> {
  const seen = await rehearse(factory);
  if (seen === null) throw new Error('no lives were rehearsed');
  return LIFE_STEPS.filter((step) => !judgeLife(step, seen).ok).map(({ id }) => id);
}

async function redBounds(factory: Rehearsal): Promise<readonly string[]> {
  const seen = await rehearseBounds(factory);
  if (seen === null) throw new Error('no bounds were rehearsed');
  return BOUND_STEPS.filter(({ judge }) => !judge(seen).ok).map(({ id }) => id);
}

/** A server some of whose options do not reach its factory. */
function deafTo(options: ManagerFactoryOptions): Rehearsal {
  const factory = server();
  return { rehearsal: (asked) => factory.rehearsal({ ...asked, ...options }) };
}

/** A server that does something else than it is told. */
function changed(change: (stage: ManagerFactory) => void): Rehearsal {
  const factory = server();
  return {
    rehearsal(asked) {
      const stage = factory.rehearsal(asked);
      change(stage);
      return stage;
    },
  };
}

test('[N34] of a server that leads its managers right every step holds', async () => {
  expect(await redSteps(server())).toEqual([]);
});

const WRONG: readonly (readonly [step: string, wrong: string, make: () => Rehearsal])[] = [
  ['limit/who-has-left-is-not-admitted', 'an init may take for ever', () => deafTo({ pendingDeadlineMs: false })],
  [
    'limit/who-has-left-is-not-admitted',
    'whoever comes is admitted',
    () =>
      changed((stage) => {
        const { admit } = stage;
        stage.admit = (request, options) =>
          admit.call(stage, request, { ...options, connection: undefined, withoutConnection: true });
      }),
  ],
  ['limit/a-manager-lives-as-long-as-a-connection', 'nobody has a grace', () => deafTo({ releaseGraceMs: 0 })],
  ['limit/the-figures-follow-each-life', 'everybody is named', () => deafTo({ statsTopUsers: 20 })],
  ['limit/the-figures-follow-each-life', 'nobody is asked', () => deafTo({ heartbeatIntervalMs: false })],
  ['limit/what-outlives-its-manager-is-suspected', 'nothing is overdue', () => deafTo({ cleanupDeadlineMs: 60_000 })],
  [
    'limit/an-emergency-waits-for-the-last-answer',
    'a cleanup by hand is none',
    () =>
      changed((stage) => {
        stage.runEmergencyCleanup = () => new Promise(() => undefined);
      }),
  ],
  ['limit/a-sign-of-life-is-no-use', 'everybody is in use', () => deafTo({ evictIdleAfterMs: 1_000 })],
  [
    'limit/what-has-nothing-to-wait-for-ends-at-once',
    'who comes again is banned',
    () =>
      changed((stage) => {
        const { admit } = stage;
        let isTaken = false;
        stage.admit = (request, options) => {
          if (request.remoteAddress === undefined) return admit.call(stage, request, options);
          if (isTaken) stage.setOverride(request.user, { maxManagers: 0 });
          isTaken = true;
          return admit.call(stage, request, options);
        };
      }),
  ],
];

test.each(WRONG)('[N34] %s turns red where %s', async (step, _wrong, make) => {
  expect(await redSteps(make())).toContain(step);
});

const WITHOUT_BOUNDS: readonly (readonly [step: string, wrong: string, options: ManagerFactoryOptions])[] = [
  ['limit/pressure-sheds-the-idle-but-not-the-only-one', 'nobody is idle', { idleTimeoutMs: false }],
  ['limit/pressure-sheds-the-idle-but-not-the-only-one', 'everything is overload', { overloadThreshold: 0.6 }],
  ['limit/an-emergency-cleanup-comes-before-an-eviction', 'there is no cleanup', { emergencyThreshold: false }],
  ['limit/who-lives-on-and-on-is-suspected', 'nobody is suspected', { warnAfterMs: false }],
];

test('[N36] of a server that keeps its bounds every step holds, also where its time cannot be moved', async () => {
  const factory = server();
  const inRealTime: Rehearsal = { rehearsal: ({ clock: _clock, ...asked } = {}) => factory.rehearsal(asked) };
  expect(await redBounds(factory)).toEqual([]);
  // A process that has just begun may have stood still, after which nobody is judged for a second.
  await expect.poll(() => redBounds(inRealTime), { timeout: 10_000 }).toEqual([]);
});

test.each(WITHOUT_BOUNDS)('[N36] %s turns red where %s', async (step, _wrong, options) => {
  expect(await redBounds(deafTo(options))).toContain(step);
});

test('[N36] a reason that does not fit a close frame, or is cut within a character, turns its step red', async () => {
  const told = (reason: string): Rehearsal =>
    changed((stage) => {
      const { connect } = stage;
      stage.connect = (transport) =>
        connect.call(stage, { ...transport, close: (code) => transport.close(code, reason) });
    });
  const step = 'limit/a-close-reason-fits-its-frame';
  const given = `the server is moved, ${'\u{1f512}'.repeat(40)}`;
  for (const reason of [given, given.slice(0, 72), Buffer.from(given).subarray(0, 123).toString()])
    expect(await redBounds(told(reason))).toContain(step);
});

test('[N34] of a factory that makes no other, or none with a clock, there is nothing to see', async () => {
  const factory = server();
  const withoutClock: Rehearsal = { rehearsal: ({ clock: _clock, ...asked } = {}) => factory.rehearsal(asked) };
  expect([await rehearse({}), await rehearse(withoutClock), await rehearseBounds({})]).toEqual([null, null, null]);
});
