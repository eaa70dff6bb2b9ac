import { processorWaitMs } from '../../target/proc.ts';

const LOOK_EVERY_MS = 250;

/** How long processes into which nobody looks had to wait for a processor: what the machine did to them, not what they did themselves. */
export class ProcessorWait implements Disposable {
  readonly #pids: () => readonly number[];
  readonly #timer: NodeJS.Timeout;
  readonly #before: Map<number, number> = new Map();
  #worstMs = 0;

  constructor(pids: () => readonly number[]) {
    this.#pids = pids;
    this.#look();
    this.#timer = setInterval(() => this.#look(), LOOK_EVERY_MS).unref();
  }

  /** The longest that one of them waited within one look, since this was asked last. */
  takeWorstMs(): number {
    this.#look();
    const worstMs = this.#worstMs;
    this.#worstMs = 0;
    return worstMs;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    for (const pid of this.#pids()) {
      const waitedMs = processorWaitMs(pid);
      if (waitedMs === undefined) continue;
      this.#worstMs = Math.max(this.#worstMs, waitedMs - (this.#before.get(pid) ?? waitedMs));
      this.#before.set(pid, waitedMs);
    }
  }
}
