import type { FactoryStats, ManagerFactory } from '@watertight/server';

import type { AlertLog } from './alert-log.ts';
import { type History, HistoryKeeper } from './history.ts';
import type { ResolvedOptions } from './options.ts';
import { type Overview, perSecondOf } from './overview.ts';
import { ProcessGauge } from './process-look.ts';

/** While nobody looks, one look in so long keeps the history. */
const UNSEEN_EVERY_MS = 15_000;
/** A history of one point draws nothing. */
const FIRST_AFTER_MS = 1000;
/** A timer may be this much early. */
const EARLY_MS = 20;
/** The least of so many is what a look really costs. */
const COSTS_KEPT = 5;

/** What is told of every look while somebody looks. */
export interface Watcher {
  readonly viewers: number;
  looked(overview: Overview): void;
}

/** One look at everything at a time, however many look at it; never more often than its cost allows. */
export class Looks {
  readonly #options: ResolvedOptions;
  readonly #alerts: AlertLog | undefined;
  readonly #gauge = new ProcessGauge();
  readonly #history = new HistoryKeeper();
  readonly #before = new Map<ManagerFactory, FactoryStats>();
  #watcher: Watcher | undefined;
  #timer: NodeJS.Timeout | undefined;
  #dueAtMs = Infinity;
  #last: Overview | undefined;
  #lastAtMs = -Infinity;
  /** What the last looks took. */
  readonly #costsMs: number[] = [];

  constructor(options: ResolvedOptions, alerts: AlertLog | undefined) {
    this.#options = options;
    this.#alerts = alerts;
  }

  start(watcher: Watcher): void {
    this.#watcher = watcher;
    this.#gauge.start();
    this.#arm(FIRST_AFTER_MS);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#watcher = undefined;
    this.#gauge.stop();
  }

  /** The last look, or a new one where it is older than one would be that was taken for viewers. */
  get current(): Overview {
    const isFresh = performance.now() - this.#lastAtMs < this.#everyMs - EARLY_MS;
    return isFresh && this.#last !== undefined ? this.#last : this.#look();
  }

  /** Somebody begins to look: the next look is not put off until the slow ones are due, nor by whoever comes after that. */
  hasten(): void {
    const everyMs = this.#everyMs;
    if (this.#watcher !== undefined && this.#dueAtMs - performance.now() > everyMs) this.#arm(everyMs);
  }

  history(): History {
    return this.#history.read([...this.#options.factories.keys()]);
  }

  get #everyMs(): number {
    // The first one runs code that was not compiled yet, and into any one a garbage collection or another process may fall.
    const costMs = this.#costsMs.length < 2 ? 0 : Math.min(...this.#costsMs);
    return Math.max(this.#options.intervalMs, Math.ceil(costMs / this.#options.maxCpuShare));
  }

  #look(): Overview {
    const { factories } = this.#options;
    const beganAtMs = performance.now();
    const looks = [...factories.values()].map((factory) => {
      const stats = factory.stats();
      const before = this.#before.get(factory);
      this.#before.set(factory, stats);
      return {
        name: factory.name,
        stats,
        options: factory.options,
        perSecond: perSecondOf(stats, before),
        quota: factory.shared?.state() ?? null,
        alerts: this.#alerts?.firing(factory) ?? [],
      };
    });
    const tookMs = performance.now() - beganAtMs;
    this.#costsMs.push(tookMs);
    if (this.#costsMs.length > COSTS_KEPT) this.#costsMs.shift();
    this.#lastAtMs = performance.now();
    this.#last = {
      version: 1,
      takenAt: new Date().toISOString(),
      process: this.#gauge.look(),
      factories: looks,
      looks: { everyMs: this.#everyMs, tookMs: Number(tookMs.toFixed(2)), viewers: this.#watcher?.viewers ?? 0 },
    };
    this.#history.add(this.#last);
    return this.#last;
  }

  #arm(delayMs: number): void {
    clearTimeout(this.#timer);
    this.#dueAtMs = performance.now() + delayMs;
    this.#timer = setTimeout(() => this.#tick(), delayMs).unref();
  }

  #tick(): void {
    const watcher = this.#watcher;
    if (watcher === undefined) return;
    try {
      watcher.looked(this.current);
    } catch (error) {
      this.#options.onError(error);
    }
    this.#arm(watcher.viewers > 0 ? this.#everyMs : Math.max(this.#everyMs, UNSEEN_EVERY_MS));
  }
}
