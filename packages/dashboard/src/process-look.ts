import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';

/** The process at the moment of a look. */
export interface ProcessLook {
  readonly pid: number;
  /** Without the leading `v`. */
  readonly node: string;
  readonly uptimeMs: number;
  readonly rssBytes: number;
  readonly heapUsedBytes: number;
  /** Share of one core since the look before. */
  readonly cpuShare: number;
  /** How much later than due the event loop came round, since the look before. */
  readonly loopDelay: { readonly p50Ms: number; readonly p99Ms: number; readonly maxMs: number };
}

/** The event loop is looked at as often as this, by libuv, without JavaScript. */
const RESOLUTION_MS = 20;

/** Reads Node's own gauges. */
export class ProcessGauge {
  readonly #delays: IntervalHistogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  #cpu = process.cpuUsage();
  #atMs = performance.now();

  start(): void {
    this.#delays.enable();
  }

  stop(): void {
    this.#delays.disable();
  }

  look(): ProcessLook {
    const { rss, heapUsed } = process.memoryUsage();
    const nowMs = performance.now();
    const { user, system } = process.cpuUsage(this.#cpu);
    const cpuShare = (user + system) / 1000 / Math.max(1, nowMs - this.#atMs);
    this.#cpu = process.cpuUsage();
    this.#atMs = nowMs;
    const look: ProcessLook = {
      pid: process.pid,
      node: process.versions.node,
      uptimeMs: Math.round(process.uptime() * 1000),
      rssBytes: rss,
      heapUsedBytes: heapUsed,
      cpuShare: Number(cpuShare.toFixed(3)),
      loopDelay: {
        p50Ms: this.#delayMs(this.#delays.percentile(50)),
        p99Ms: this.#delayMs(this.#delays.percentile(99)),
        maxMs: this.#delayMs(this.#delays.max),
      },
    };
    this.#delays.reset();
    return look;
  }

  /** The histogram holds the time between two looks, the resolution included. */
  #delayMs(nanoseconds: number): number {
    if (this.#delays.count === 0) return 0;
    return Number(Math.max(0, nanoseconds / 1e6 - RESOLUTION_MS).toFixed(1));
  }
}
