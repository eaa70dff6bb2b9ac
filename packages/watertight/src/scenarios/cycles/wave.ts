import type { Ending } from '../../drive/types.ts';
import type { Crowd } from '../shared/crowd.ts';
import type { ScenarioContext } from '../types.ts';

/** The endings that a server can notice, in equal shares: two windows must not differ in what happened in them. */
const MIXED_ENDINGS: readonly Ending[] = ['close-frame', 'rst', 'fin', 'protocol-error', 'abort-in-upgrade'];
const AT_A_TIME = 10;
const PONG_MS = 2_000;

export interface Wave {
  readonly cycles: number;
  /** Of those that were meant to be admitted. */
  readonly admitted: number;
  readonly served: number;
  readonly aborted: number;
  /** Why somebody was not admitted, the first time it happened. */
  readonly firstFailure: string | undefined;
  readonly elapsedMs: number;
}

/** Runs client lives, several at a time, each with the ending that the seed gives it. */
export async function runWave(
  context: ScenarioContext,
  crowd: Crowd,
  wave: {
    readonly cycles: number;
    readonly users: readonly string[];
    readonly patienceMs: number;
    /** Default: all that a server can notice. */
    readonly endings?: readonly Ending[];
    readonly onCycle?: (done: number) => void;
  },
): Promise<Wave> {
  const startedAtMs = performance.now();
  const endings = shuffled(wave.cycles, wave.endings ?? MIXED_ENDINGS, context.random);
  let begun = 0;
  let done = 0;
  let admitted = 0;
  let served = 0;
  let aborted = 0;
  let firstFailure: string | undefined;
  const live = async (user: string, ending: Ending): Promise<void> => {
    if (ending === 'abort-in-upgrade') {
      await context.drive.abortInUpgrade(user);
      aborted += 1;
      return;
    }
    const entry = await crowd.enterWithin(user, wave.patienceMs);
    if (!entry.admitted) {
      const { httpStatus, closeCode, failure } = entry.refusal;
      firstFailure ??= `${user}: ${failure ?? `refused with ${httpStatus ?? closeCode ?? 'no reason'}`}`;
      return;
    }
    admitted += 1;
    if (await entry.client.ping(PONG_MS)) served += 1;
    await entry.client.end(ending);
    await entry.client.gone(ending === 'rst' ? 0 : wave.patienceMs);
    crowd.release(entry.client);
  };
  const lane = async (index: number): Promise<void> => {
    const user = wave.users[index % wave.users.length] ?? '';
    while (begun < wave.cycles) {
      context.signal.throwIfAborted();
      const ending = endings[begun] ?? 'close-frame';
      begun += 1;
      await live(user, ending);
      done += 1;
      wave.onCycle?.(done);
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_A_TIME, wave.cycles) }, (_, index) => lane(index)));
  return { cycles: wave.cycles, admitted, served, aborted, firstFailure, elapsedMs: performance.now() - startedAtMs };
}

/** As many of each ending as fit, in an order that the seed decides. */
function shuffled(count: number, among: readonly Ending[], random: () => number): Ending[] {
  const endings = Array.from({ length: count }, (_, index): Ending => among[index % among.length] ?? 'close-frame');
  for (let last = endings.length - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1));
    const [one, two] = [endings[last], endings[other]];
    if (one === undefined || two === undefined) continue;
    endings[last] = two;
    endings[other] = one;
  }
  return endings;
}
