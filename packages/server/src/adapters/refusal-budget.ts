import type { Clock } from '../clock.ts';
import type { RefusalBounds } from '../index.ts';
import { NETWORK_DEFAULTS, type NetworkOptions } from './network-options.ts';

/** How a refused client was answered: by a close code, by HTTP, or not at all. From left to right each costs less. */
export type RefusalAnswerKind = 'close' | 'http' | 'destroy';

const WINDOW_MS = 1000;

/** Explains refusals for as long as few are asked for, answers them for as long as not too many are, and then lets go at once. */
export class RefusalBudget {
  readonly #clock: Clock;
  readonly #maxCloses: number;
  readonly #maxResponses: number;
  #beganAtMs = -Infinity;
  #closes = 0;
  #responses = 0;

  constructor(clock: Clock, options: NetworkOptions) {
    this.#clock = clock;
    this.#maxCloses = boundOf(options.maxCloseRefusalsPerSecond ?? NETWORK_DEFAULTS.maxCloseRefusalsPerSecond);
    this.#maxResponses = boundOf(options.maxHttpRefusalsPerSecond ?? NETWORK_DEFAULTS.maxHttpRefusalsPerSecond);
  }

  /** What is told of it; `canClose`: whether anybody is refused by a close code at all. */
  bounds(canClose: boolean): RefusalBounds {
    return { close: canClose ? told(this.#maxCloses) : 0, http: told(this.#maxResponses) };
  }

  /** Spends what one refusal costs, answered as wanted or, where that is spent, by something cheaper. */
  spend(wanted: 'close' | 'http'): RefusalAnswerKind {
    const nowMs = this.#clock.now();
    if (nowMs - this.#beganAtMs >= WINDOW_MS) {
      this.#beganAtMs = nowMs;
      this.#closes = 0;
      this.#responses = 0;
    }
    if (wanted === 'close' && this.#closes < this.#maxCloses) {
      this.#closes += 1;
      return 'close';
    }
    if (this.#responses >= this.#maxResponses) return 'destroy';
    this.#responses += 1;
    return 'http';
  }
}

function told(perSecond: number): number | null {
  return perSecond === Infinity ? null : perSecond;
}

function boundOf(perSecond: number | false): number {
  return perSecond === false ? Infinity : perSecond;
}
