import type { EventEmitter } from 'node:events';
import { setTimeout } from 'node:timers';
import { LeftoverError, type Leftover } from './leftover.ts';
import { ListenerWatch } from './listener-watch.ts';
import { ManagerWatch } from './manager-watch.ts';
import { requireMs } from './milliseconds.ts';
import { ResourceWatch } from './resource-watch.ts';

const DEFAULT_SETTLE_MS = 500;
const LOOK_EVERY_MS = 10;
/** A machine may be busy: what is given up too early names nothing of what was left. */
const BUSY_MS = 60_000;

export interface LeakGuardOptions {
  /** So long after a test everything it made must be gone, in milliseconds. Default 500. */
  readonly settleMs?: number;
  /** What may stay. Default: nothing. */
  readonly allow?: (leftover: Leftover) => boolean;
  /** Emitters whose listeners are counted, by the name that messages give them, besides `process` and those that are older than the test. */
  readonly emitters?: Readonly<Record<string, EventEmitter>>;
}

interface Realm {
  readonly process?: EventEmitter;
}

/** Watches what tests make, one test after another. Tests of one file that run at the same time cannot be told apart. */
export class LeakGuard implements Disposable {
  readonly #settleMs: number;
  readonly #allow: (leftover: Leftover) => boolean;
  readonly #resources = new ResourceWatch();
  readonly #listeners: ListenerWatch;
  readonly #managers: ManagerWatch;
  #isInTest = false;

  /** `realm`: the global object of the tests, where it is not ours. */
  constructor(options: LeakGuardOptions = {}, realm: Realm = globalThis) {
    const { settleMs = DEFAULT_SETTLE_MS, allow = () => false, emitters = {} } = options;
    requireMs('leakGuard: settleMs', settleMs);
    this.#settleMs = settleMs;
    this.#allow = allow;
    this.#listeners = new ListenerWatch({ process: realm.process ?? process, ...emitters });
    this.#managers = new ManagerWatch(realm);
  }

  /** Longer than `end` takes, in milliseconds: the time-out of the hook that calls it, whatever the runner's own is. */
  get endsWithinMs(): number {
    return 2 * this.#settleMs + BUSY_MS;
  }

  /** A test begins. @throws when another one has not ended: tests that run at the same time cannot be told apart. */
  begin(): void {
    if (this.#isInTest)
      throw new Error(
        'leakGuard: a test began before the one before it ended; tests that run at the same time cannot be told apart',
      );
    this.#isInTest = true;
    this.#managers.begin();
    this.#listeners.begin();
    this.#resources.begin();
  }

  /** The test has ended. @throws {@link LeftoverError} when after `settleMs` something that it made is still there. */
  async end(test: string): Promise<void> {
    this.#resources.stop();
    this.#listeners.stop();
    this.#isInTest = false;
    try {
      await this.#settle(test);
    } finally {
      this.#resources.rest();
    }
  }

  [Symbol.dispose](): void {
    this.#resources[Symbol.dispose]();
    this.#listeners[Symbol.dispose]();
  }

  async #settle(test: string): Promise<void> {
    // Counted in looks, so that an event loop that stands still takes nothing from the time to settle.
    for (let settledMs = 0; ; settledMs += LOOK_EVERY_MS) {
      const left = [...this.#resources.left(), ...this.#listeners.left(), ...this.#managers.left()].filter(
        (leftover) => !this.#allow(leftover),
      );
      if (left.length === 0) return;
      if (settledMs >= this.#settleMs) throw new LeftoverError(test, left, this.#settleMs);
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
  }
}
