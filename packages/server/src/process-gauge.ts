import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';

/** What the pressure on a process is read from. */
export interface GaugeReading {
  /** Bytes in use on the heap, or whatever memory is bounded by `maxHeapBytes`. */
  readonly heapUsedBytes: number;
  readonly eventLoopDelayMs: number;
}

/** The event loop is looked at as often as this. */
const RESOLUTION_MS = 20;
/** A single long turn is no pressure; nine in ten have to be short. */
const PERCENTILE = 90;
/** Between two collections the heap grows and falls: the lowest of so many readings is what is really in use. */
const HEAP_READINGS = 3;

/** Reads Node's own gauges. Measures the event loop only while it runs and only when asked to: that costs 50 wake-ups a second. */
export class ProcessGauge {
  readonly #heap: number[] = [];
  readonly #watchesLoop: boolean;
  #delays: IntervalHistogram | undefined;

  constructor({ watchesLoop }: { readonly watchesLoop: boolean }) {
    this.#watchesLoop = watchesLoop;
  }

  start(): void {
    if (!this.#watchesLoop || this.#delays !== undefined) return;
    this.#delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
    this.#delays.enable();
  }

  stop(): void {
    this.#delays?.disable();
    this.#delays = undefined;
  }

  read(): GaugeReading {
    this.#heap.push(getHeapStatistics().used_heap_size);
    if (this.#heap.length > HEAP_READINGS) this.#heap.shift();
    return { heapUsedBytes: Math.min(...this.#heap), eventLoopDelayMs: this.#readDelay() };
  }

  #readDelay(): number {
    const delays = this.#delays;
    if (delays === undefined || delays.count === 0) return 0;
    // The histogram holds the time between two looks, the resolution included.
    const delayMs = delays.percentile(PERCENTILE) / 1e6 - RESOLUTION_MS;
    delays.reset();
    return Math.max(0, delayMs);
  }
}
