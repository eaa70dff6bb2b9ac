import type { ManagerFactory } from '../index.ts';
import { NETWORK_DEFAULTS, type NetworkOptions } from './network-options.ts';

/** How a refused client was answered: by a close code, by HTTP, or not at all. From left to right each costs less. */
export type RefusalAnswerKind = 'close' | 'http' | 'destroy';

/** In which words an adapter can refuse, the dearest first. */
export type RefusalWords = readonly ('close' | 'http')[];

const WINDOW_MS = 1000;

/**
 * Explains refusals for as long as few are asked for, answers them for as long as not too many are, and then lets go at once. One for each
 * adapter; what it may and did answer is in the statistics.
 */
export class RefusalBudget {
  readonly #factory: ManagerFactory;
  readonly #words: RefusalWords;
  readonly #maxima: { readonly close: number; readonly http: number };
  readonly #takeBoundsBack: () => void;
  readonly #spent = { close: 0, http: 0 };
  #beganAtMs = -Infinity;

  constructor(factory: ManagerFactory, options: NetworkOptions, words: RefusalWords) {
    this.#factory = factory;
    this.#words = words;
    this.#maxima = {
      close: boundOf(options.maxCloseRefusalsPerSecond ?? NETWORK_DEFAULTS.maxCloseRefusalsPerSecond),
      http: boundOf(options.maxHttpRefusalsPerSecond ?? NETWORK_DEFAULTS.maxHttpRefusalsPerSecond),
    };
    this.#takeBoundsBack = factory.recordRefusalBounds({ close: this.#told('close'), http: this.#told('http') });
  }

  /** Spends what one refusal costs, in the dearest words that are not spent. */
  spend(): RefusalAnswerKind {
    const nowMs = this.#factory.clock.now();
    if (nowMs - this.#beganAtMs >= WINDOW_MS) {
      this.#beganAtMs = nowMs;
      this.#spent.close = 0;
      this.#spent.http = 0;
    }
    const kind = this.#words.find((word) => this.#spent[word] < this.#maxima[word]) ?? 'destroy';
    if (kind !== 'destroy') this.#spent[kind] += 1;
    this.#factory.recordRefusalAnswer(kind);
    return kind;
  }

  /** Its adapter looks at nobody any more; whoever still waits is answered all the same. Idempotent. */
  close(): void {
    this.#takeBoundsBack();
  }

  #told(word: 'close' | 'http'): number | null {
    if (!this.#words.includes(word)) return 0;
    return this.#maxima[word] === Infinity ? null : this.#maxima[word];
  }
}

function boundOf(perSecond: number | false): number {
  return perSecond === false ? Infinity : perSecond;
}
