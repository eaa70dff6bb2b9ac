import type { DurationStats, FactoryStats } from '@watertight/server';
import { nowMs } from './specimen-options.ts';

/** Full after the warm-up of a scenario: what is still filling while it is watched looks like a leak at first. */
const KEPT_DURATIONS = 16;

/** Durations of one kind; the percentiles are of the last 16. */
export class Durations {
  #last: number[] = [];
  #count = 0;
  #maxMs = 0;
  #totalMs = 0;
  #overDeadline = 0;

  add(ms: number, deadlineMs: number): void {
    this.#last.push(ms);
    if (this.#last.length > KEPT_DURATIONS) this.#last.shift();
    this.#count += 1;
    this.#totalMs += ms;
    this.#maxMs = Math.max(this.#maxMs, ms);
    if (ms > deadlineMs) this.#overDeadline += 1;
  }

  read(): DurationStats {
    const sorted = this.#last.toSorted((a, b) => a - b);
    const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
    return Object.freeze({
      count: this.#count,
      p50Ms: at(0.5),
      p99Ms: at(0.99),
      maxMs: this.#maxMs,
      totalMs: this.#totalMs,
      overDeadline: this.#overDeadline,
      upTo: Object.freeze([]),
    });
  }
}

/** What happened so far; what *is* comes from the registry. */
export class SpecimenLedger {
  created = 0;
  limitHits = 0;
  releasedTotal = 0;
  readonly released: Map<string, number> = new Map();
  readonly refused: Map<string, number> = new Map();
  readonly slotReusable: Durations = new Durations();
  readonly socketGone: Durations = new Durations();
  readonly finalizersDone: Durations = new Durations();
  readonly emergency: { runs: number; running: number; lastRunAtMs: number | null } = {
    runs: 0,
    running: 0,
    lastRunAtMs: null,
  };
  readonly emergencyRemoved: { dead: number; neverAttached: number; silent: number; forced: number } = {
    dead: 0,
    neverAttached: 0,
    silent: 0,
    forced: 0,
  };
  readonly sweep: {
    running: boolean;
    runs: number;
    removed: number;
    lastRunAtMs: number | null;
    lastDurationMs: number | null;
    longestSliceMs: number;
    lastError: string | null;
  } = {
    running: false,
    runs: 0,
    removed: 0,
    lastRunAtMs: null,
    lastDurationMs: null,
    longestSliceMs: 0,
    lastError: null,
  };

  countRelease(reason: string): void {
    this.releasedTotal += 1;
    this.released.set(reason, (this.released.get(reason) ?? 0) + 1);
  }

  countRefusal(reason: string): void {
    this.refused.set(reason, (this.refused.get(reason) ?? 0) + 1);
    if (reason === 'user-limit' || reason === 'server-limit') this.limitHits += 1;
  }

  countSweep(startedAtMs: number, removed: number): void {
    const durationMs = nowMs() - startedAtMs;
    this.sweep.runs += 1;
    this.sweep.removed += removed;
    this.sweep.lastRunAtMs = startedAtMs;
    this.sweep.lastDurationMs = durationMs;
    this.sweep.longestSliceMs = Math.max(this.sweep.longestSliceMs, durationMs);
  }

  /** The part of the statistics that is history. */
  read(
    usersInEmergency: number,
  ): Pick<FactoryStats, 'created' | 'released' | 'limitHits' | 'refusedByReason' | 'cleanup' | 'emergency' | 'sweep'> {
    return {
      created: this.created,
      released: Object.freeze({
        total: this.releasedTotal,
        byReason: Object.freeze(Object.fromEntries(this.released)),
      }),
      limitHits: this.limitHits,
      refusedByReason: Object.freeze(Object.fromEntries(this.refused)),
      cleanup: Object.freeze({
        slotReusable: this.slotReusable.read(),
        socketGone: this.socketGone.read(),
        finalizersDone: this.finalizersDone.read(),
      }),
      emergency: Object.freeze({
        ...this.emergency,
        usersInEmergency,
        removed: Object.freeze({ ...this.emergencyRemoved }),
      }),
      sweep: Object.freeze({ ...this.sweep }),
    };
  }
}
