import type { Crowd } from '../shared/crowd.ts';
import { runWave, type Wave } from './wave.ts';
import type { Counts } from '../../evidence/counts.ts';
import { growingWithCycles, type Window } from '../../verdict/growth-in-windows.ts';
import { firstLook, settledLook, steadyLook, type ServerLook } from '../../evidence/server-look.ts';
import type { ScenarioContext } from '../types.ts';

const USER_COUNT = 5;
const FIRST_USER = 1_003;
const OTHER_USERS = 1_400;
/** So many cycles before the first look: what a server builds once, it builds then. */
const WARM_UP_COUNT = 20;
const FIRST_SHARE = 0.37;
const USUAL_DEADLINE_MS = 500;

/** The look after one window, with the objects that were alive then. */
export interface WindowSeen {
  readonly cycles: number;
  readonly look: ServerLook;
  readonly instances: Counts | undefined;
  readonly settled: boolean;
  readonly settledAfterMs: number;
  /** Until no manager of these cycles was held. */
  readonly heldAfterMs: number;
}

export interface Cycled {
  readonly users: readonly string[];
  readonly baseline: ServerLook;
  readonly instancesBefore: Counts | undefined;
  readonly windows: readonly WindowSeen[];
  /** The cycles that were asked for, all windows together; not the warm-up, nor what suspicion added. */
  readonly waves: readonly Wave[];
  /** How long one life is waited for. */
  readonly patienceMs: number;
}

/** Warm-up, baseline, two windows of co-prime length; and one more when something grew with the cycles. */
export async function cycleThrough(context: ScenarioContext, crowd: Crowd): Promise<Cycled> {
  const users = Array.from({ length: USER_COUNT }, (_, index) =>
    context.drive.userId(index === 0 ? FIRST_USER : OTHER_USERS + index),
  );
  const patienceMs =
    context.promises.deadlineMs.by === 'nobody' ? USUAL_DEADLINE_MS : context.promises.deadlineMs.value;
  // Asking only whether a fault is seen, nobody waits to learn how late the late come.
  const settleMs = context.bail ? Math.min(context.settleMs, 2 * patienceMs) : context.settleMs;
  const run = (cycles: number, done: number): Promise<Wave> =>
    runWave(context, crowd, {
      cycles,
      users,
      patienceMs,
      onCycle: (now) =>
        context.progress({ step: 'cycles/every-cycle-is-admitted-and-served', done: done + now, of: context.cycles }),
    });
  const start = await firstLook(context, patienceMs);
  await runWave(context, crowd, { cycles: WARM_UP_COUNT, users, patienceMs });
  const baseline = await steadyLook(context, start, settleMs);
  const instancesBefore = await context.inside?.instances();
  const windows: WindowSeen[] = [];
  const waves: Wave[] = [];
  const [first, second] = splitCycles(context.cycles);
  for (const cycles of [first, second]) {
    waves.push(
      await run(
        cycles,
        waves.reduce((sum, wave) => sum + wave.cycles, 0),
      ),
    );
    windows.push(
      await lookAfter(context, baseline, cycles, windows.every((window) => window.settled) ? settleMs : patienceMs),
    );
  }
  if (isSuspicious(baseline, instancesBefore, windows)) {
    await runWave(context, crowd, { cycles: first, users, patienceMs });
    windows.push(await lookAfter(context, baseline, first, patienceMs));
  }
  return { users, baseline, instancesBefore, windows, waves, patienceMs };
}

/** Two lengths without a common divisor, so that a period of the server does not look like growth in both. */
export function splitCycles(cycles: number): readonly [number, number] {
  const divides = (one: number, other: number): number => (other === 0 ? one : divides(other, one % other));
  let first = Math.max(1, Math.round(cycles * FIRST_SHARE));
  while (first > 1 && divides(first, cycles - first) > 1) first -= 1;
  return [first, cycles - first];
}

async function lookAfter(
  context: ScenarioContext,
  baseline: ServerLook,
  cycles: number,
  patienceMs: number,
): Promise<WindowSeen> {
  const { look, settled, afterMs, heldAfterMs } = await settledLook(context, baseline, { patienceMs, lives: cycles });
  return { cycles, look, settled, settledAfterMs: afterMs, heldAfterMs, instances: await context.inside?.instances() };
}

function isSuspicious(
  baseline: ServerLook,
  instancesBefore: Counts | undefined,
  windows: readonly WindowSeen[],
): boolean {
  const grew = (before: Counts | undefined, pick: (window: WindowSeen) => Counts | undefined): boolean =>
    before !== undefined && growingWithCycles(before, toWindows(windows, pick)).length > 0;
  return (
    grew(instancesBefore, (window) => window.instances) ||
    grew(baseline.descriptors, (window) => window.look.descriptors) ||
    grew(baseline.handles, (window) => window.look.handles) ||
    grew(baseline.listeners, (window) => window.look.listeners)
  );
}

export function toWindows(windows: readonly WindowSeen[], pick: (window: WindowSeen) => Counts | undefined): Window[] {
  return windows.map((window) => ({ cycles: window.cycles, after: pick(window) ?? {} }));
}
