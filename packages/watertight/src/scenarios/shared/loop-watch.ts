import { monitorEventLoopDelay, type IntervalHistogram } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { withinMs } from '../../evidence/poll.ts';
import type { InsideView } from '../../inspector/types.ts';
import type { ScenarioContext } from '../types.ts';
import { ProcessorWait } from './processor-wait.ts';

const OWN_RESOLUTION_MS = 10;
/** Whoever does not say within this time how long its event loop stood still excuses nothing by it. */
const ANSWER_MS = 2_000;

/** One stretch of time during which event loops are watched. */
export interface LoopSpan {
  /** Longest delay of the target's event loop or of our own, or wait for a processor, since the span was opened, in milliseconds. */
  worstMs(): Promise<number>;
}

interface Worst {
  worstMs: number;
}

/** Whoever reads the target's delay starts it anew, so what one reads is told to all who look at the same target. */
const spansOfTarget: WeakMap<InsideView, Set<Worst>> = new WeakMap();

/**
 * Watches the target's event loop and our own, and whether the target had a processor when it wanted one: a server that did not run cannot
 * have been in time, and a time we could not read off in time is none. Several watches, and several spans of each, may be open.
 */
export class LoopWatch {
  readonly #inside: InsideView | undefined;
  readonly #own: IntervalHistogram = monitorEventLoopDelay({ resolution: OWN_RESOLUTION_MS });
  readonly #spans: Set<Worst> = new Set();
  readonly #waits: ProcessorWait[] = [];

  constructor({ inside, target }: Pick<ScenarioContext, 'inside' | 'target'>) {
    this.#inside = inside;
    this.#own.enable();
    this.watchProcesses(() => target.pids);
  }

  async open(): Promise<LoopSpan> {
    await this.#read();
    const span = { worstMs: 0 };
    this.#spans.add(span);
    if (this.#inside !== undefined) spansOf(this.#inside).add(span);
    return {
      worstMs: async () => {
        await this.#read();
        return span.worstMs;
      },
    };
  }

  /** Watches further processes, into which no inspector looks: whether they had a processor. */
  watchProcesses(pids: () => readonly number[]): void {
    this.#waits.push(new ProcessorWait(pids));
  }

  stop(): void {
    this.#own.disable();
    for (const wait of this.#waits.splice(0)) wait[Symbol.dispose]();
    if (this.#inside !== undefined) for (const span of this.#spans) spansOf(this.#inside).delete(span);
    this.#spans.clear();
  }

  async #read(): Promise<void> {
    if (this.#inside !== undefined)
      raise(spansOf(this.#inside), (await withinMs(this.#inside.loopDelayMs(), ANSWER_MS).catch(() => 0)) ?? 0);
    // A turn of our own loop first: what holds it up right now is known when it is over.
    await delay(1);
    raise(this.#spans, Math.max(0, this.#own.max / 1e6 - OWN_RESOLUTION_MS));
    this.#own.reset();
    for (const wait of this.#waits) raise(this.#spans, wait.takeWorstMs());
  }
}

function spansOf(inside: InsideView): Set<Worst> {
  const spans = spansOfTarget.get(inside) ?? new Set();
  spansOfTarget.set(inside, spans);
  return spans;
}

function raise(spans: Iterable<Worst>, delayMs: number): void {
  for (const span of spans) span.worstMs = Math.max(span.worstMs, delayMs);
}
