import { monitorEventLoopDelay, type IntervalHistogram } from 'node:perf_hooks';
import type { InsideView } from '../../inspector/types.ts';

/** One stretch of time during which event loops are watched. */
export interface LoopSpan {
  /** Longest delay of the target's event loop or of our own since the span was opened, in milliseconds. */
  worstMs(): Promise<number>;
}

/**
 * Watches the target's event loop and our own: a server that did not run cannot have been in time, and a time we could
 * not read off in time is none. Several spans may be open, although the target's delay can be read only once.
 */
export class LoopWatch {
  readonly #inside: InsideView | undefined;
  readonly #own: IntervalHistogram = monitorEventLoopDelay({ resolution: OWN_RESOLUTION_MS });
  readonly #spans: Set<{ worstMs: number }> = new Set();

  constructor(inside: InsideView | undefined) {
    this.#inside = inside;
    this.#own.enable();
  }

  async open(): Promise<LoopSpan> {
    await this.#read();
    const span = { worstMs: 0 };
    this.#spans.add(span);
    return {
      worstMs: async () => {
        await this.#read();
        return span.worstMs;
      },
    };
  }

  stop(): void {
    this.#own.disable();
    this.#spans.clear();
  }

  async #read(): Promise<void> {
    const targetMs = (await this.#inside?.loopDelayMs()) ?? 0;
    const ownMs = Math.max(0, this.#own.max / 1e6 - OWN_RESOLUTION_MS);
    this.#own.reset();
    for (const span of this.#spans) span.worstMs = Math.max(span.worstMs, targetMs, ownMs);
  }
}

const OWN_RESOLUTION_MS = 10;
