import type { FactoryStats } from '@watertight/server';
import { setTimeout as delay } from 'node:timers/promises';
import { imbalances } from '../../verdict/balance.ts';
import { NO_FACTORY, type TimingBench } from './bench.ts';

const READ_EVERY_MS = 50;

/** Reads the statistics while managers end: between the end and the last finalizer the accounts have to add up too. */
export class AccountsWatch {
  readonly #bench: TimingBench;
  readonly #stop = new AbortController();
  readonly #reading: Promise<void>;
  readonly #seen: FactoryStats[] = [];

  constructor(bench: TimingBench) {
    this.#bench = bench;
    this.#reading = this.#read();
  }

  /** Stops reading, and judges what was read. */
  async check(): Promise<void> {
    this.#stop.abort();
    await this.#reading;
    const { steps, context, hungCount } = this.#bench;
    const id = 'timing/the-accounts-add-up-meanwhile';
    const factory = context.inside?.factory;
    if (factory === undefined || this.#seen.length === 0) {
      steps.skip(id, 'not visible', NO_FACTORY);
      return;
    }
    await steps.check(id, () => {
      const mostClosing = Math.max(...this.#seen.map(({ closing }) => closing));
      const wrong = [
        ...new Set(
          this.#seen.flatMap((stats) =>
            imbalances(stats, factory.options.statsTopUsers, factory.options.maxClosingPerUser),
          ),
        ),
        ...(hungCount > 0 && mostClosing === 0
          ? [`${hungCount} managers were kept closing by a hung finalizer, and none was ever shown as closing`]
          : []),
      ];
      const figures = { reads: this.#seen.length, mostClosing };
      return { ok: wrong.length === 0, message: wrong.slice(0, 3).join('; '), type: 'accounting-mismatch', figures };
    });
  }

  async #read(): Promise<void> {
    const factory = this.#bench.context.inside?.factory;
    if (factory === undefined) return;
    try {
      for (; !this.#stop.signal.aborted; await delay(READ_EVERY_MS)) this.#seen.push(await factory.stats());
    } catch {
      // The target is gone, or its answer is no snapshot: other steps say so.
    }
  }
}
