import { Crowd } from '../shared/crowd.ts';
import { LoopWatch } from '../shared/loop-watch.ts';
import type { Steps } from '../steps.ts';
import type { ScenarioContext } from '../types.ts';

export const NO_FACTORY = 'the server shows no factory that can be asked';

/** A step that was begun and is judged later. */
export interface Pending {
  check(): Promise<void>;
}

/** What the parts of `manager-cleanup-timing-precision` share. */
export class TimingBench {
  readonly context: ScenarioContext;
  readonly steps: Steps;
  readonly crowd: Crowd;
  readonly loops: LoopWatch;
  readonly deadlineMs: number;
  /** How long anything is waited for: long enough to tell late from never. */
  readonly patienceMs: number;
  /** Managers ended so far, except those that went silent. */
  endedCount = 0;
  /** How many of these had a finalizer that never ends. */
  hungCount = 0;
  /** Users whose connections went silent and are to be found so. */
  readonly silentUsers: string[] = [];
  #userCount = 0;

  constructor(context: ScenarioContext, steps: Steps, deadlineMs: number) {
    this.context = context;
    this.steps = steps;
    this.deadlineMs = deadlineMs;
    this.patienceMs = 2 * deadlineMs;
    this.crowd = new Crowd(context);
    this.loops = new LoopWatch(context);
  }

  /** A user nobody used before: a repetition must not count what the first attempt left. */
  nextUser(): string {
    this.#userCount += 1;
    return this.context.drive.userId(1_200 + this.#userCount);
  }

  timing(operation: 'slot reusable' | 'socket gone' | 'finalizers done' | 'silence noticed', ms: number): void {
    // What was noticed before it was looked for took no time.
    if (Number.isFinite(ms)) this.context.tracker.timing(operation, Math.max(0, ms));
  }

  /** A step that could not be begun: skipped when its turn to be judged comes. */
  skipLater(id: string, status: 'not promised' | 'not visible' | 'inconclusive', note: string): Pending {
    return {
      check: async () => {
        await Promise.resolve();
        this.steps.skip(id, status, note);
      },
    };
  }

  dispose(): void {
    this.crowd.dispose();
    this.loops.stop();
  }
}
