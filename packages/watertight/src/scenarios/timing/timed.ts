import { judgeDeadline, LOOP_DELAY_LIMIT_MS } from '../../verdict/deadline.ts';
import type { Figure } from '../../verdict/types.ts';
import type { ViolationType } from '../../verdict/violation-types.ts';
import type { LoopWatch } from '../shared/loop-watch.ts';
import type { StepOutcome } from '../types.ts';

/** One duration that was waited for; `elapsedMs` is `Infinity` when it had not come by the time we gave up. */
export interface Sample {
  /** What was measured, such as the ending. */
  readonly name: string;
  readonly elapsedMs: number;
}

export interface Measured<T> {
  readonly result: T;
  readonly loopDelayMs: number;
  /** True when the first measurement was late while an event loop stood still, so that this is the second. */
  readonly repeated: boolean;
}

/** Measures; and once more, when something was late while the target's event loop or our own stood still. */
export async function measure<T>(
  loops: LoopWatch,
  run: () => Promise<T>,
  isInTime: (result: T) => boolean,
): Promise<Measured<T>> {
  for (let repeated = false; ; repeated = true) {
    const span = await loops.open();
    const result = await run();
    const loopDelayMs = await span.worstMs();
    if (repeated || isInTime(result) || loopDelayMs <= LOOP_DELAY_LIMIT_MS) return { result, loopDelayMs, repeated };
  }
}

export function allWithin(samples: readonly Sample[], deadlineMs: number): boolean {
  return samples.every((sample) => sample.elapsedMs <= deadlineMs);
}

export interface Broken {
  /** What was to come in time, as the beginning of a sentence. */
  readonly what: string;
  readonly type: ViolationType;
  /** For how long each was waited for; then one that never came is not excused by a shorter delay of an event loop. */
  readonly patienceMs?: number;
  /** What was promised, where more than that is allowed; default: the deadline. */
  readonly promisedMs?: number;
}

/** The outcome of a step about durations. Throws, which makes the step `inconclusive`, when an event loop stood still. */
export function judgeSamples(
  samples: readonly Sample[],
  deadlineMs: number,
  loopDelayMs: number,
  { what, type, patienceMs = 0, promisedMs = deadlineMs }: Broken,
): StepOutcome {
  const figures: Record<string, Figure> = { deadlineMs, loopDelayMs: Math.round(loopDelayMs) };
  for (const { name, elapsedMs } of samples) figures[`${name} ms`] = roundMs(elapsedMs);
  const late = samples.filter((sample) => !(sample.elapsedMs <= deadlineMs));
  if (late.length === 0) return { ok: true, figures };
  const list = late.map(
    ({ name, elapsedMs }) => `${name} ${elapsedMs === Infinity ? 'never' : `after ${roundMs(elapsedMs)} ms`}`,
  );
  const seen = `${what}: ${list.join(', ')}; promised within ${promisedMs} ms`;
  const isBroken = late.some(({ elapsedMs }) => {
    if (elapsedMs === Infinity && patienceMs > deadlineMs + 2 * loopDelayMs) return true;
    return judgeDeadline({ elapsedMs, deadlineMs, loopDelayMs }) === 'broken';
  });
  if (isBroken) return { ok: false, message: seen, type, figures, isTimeless: true };
  throw new Error(
    `${seen}, but an event loop stood still for ${Math.round(loopDelayMs)} ms meanwhile; repeat on a less busy machine`,
  );
}

function roundMs(ms: number): number | string {
  return Number.isFinite(ms) ? Math.round(ms * 10) / 10 : 'not while we waited';
}
