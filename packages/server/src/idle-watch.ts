import { Deadline } from './deadline-queue.ts';
import { reportError } from './host.ts';
import { LAG_TOLERANCE_MS } from './liveness.ts';
import type { ManagerHost, ManagerRecord } from './manager-record.ts';
import type { Pressure } from './pressure.ts';
import { CLOSE_CODES } from './close-codes.ts';
import { inSlices } from './slices.ts';

const LOOKS_PER_TIMEOUT = 16;
const LONGEST_INTERVAL_MS = 5000;

/**
 * Ends managers whose clients answer but do nothing. One walk over all of them now and then costs less than a deadline each, and
 * a time-out that shrinks under pressure takes effect at the next walk.
 */
export class IdleWatch extends Deadline {
  readonly #host: ManagerHost;
  readonly #pressure: Pressure;
  #running = false;
  ended = 0;
  longestSliceMs = 0;

  constructor(host: ManagerHost, pressure: Pressure) {
    super();
    this.#host = host;
    this.#pressure = pressure;
  }

  start(): void {
    if (this.#running || this.#host.options.idleTimeoutMs === false) return;
    this.#running = true;
    this.#arm();
  }

  stop(): void {
    this.#running = false;
    this.#host.deadlines.cancel(this);
  }

  override onDue(nowMs: number, latenessMs: number): void {
    // What clients sent while the loop stood still has not been read yet: no verdict before the next round.
    const wasHeldUp = latenessMs > LAG_TOLERANCE_MS || this.#host.deadlines.holdUp.recentMs(nowMs, Infinity) > 0;
    void (wasHeldUp ? Promise.resolve() : this.#walk(nowMs)).finally(() => {
      if (this.#running) this.#arm();
    });
  }

  /** Judges as of a time at which the loop is known to have run: it may be stopped at any point of the walk, with messages unread. */
  async #walk(asOfMs: number): Promise<void> {
    const { clock, options, registry } = this.#host;
    const { idleTimeoutMs } = options;
    if (idleTimeoutMs === false) return;
    try {
      const { longestSliceMs } = await inSlices(clock, registry.held(), (manager, nowMs) =>
        this.#look(manager, idleTimeoutMs, asOfMs, nowMs),
      );
      this.longestSliceMs = Math.max(this.longestSliceMs, longestSliceMs);
    } catch (error) {
      reportError(this.#host, error, 'internal');
    }
  }

  #look(manager: ManagerRecord, idleTimeoutMs: number, asOfMs: number, nowMs: number): void {
    if (manager.state !== 'active' || manager.inFlight > 0 || manager.connectionCount === 0) return;
    const idleForMs = asOfMs - manager.usedAtMs;
    const isOnlyOne = manager.slots?.size === 1;
    if (idleForMs <= this.#pressure.idleTimeoutMs(idleTimeoutMs, isOnlyOne) || manager.unsentBytes > 0) return;
    this.ended += 1;
    manager.end(idleForMs > idleTimeoutMs ? 'idle' : 'pressure:idle', 'close', nowMs, CLOSE_CODES.removed);
  }

  #arm(): void {
    const { idleTimeoutMs } = this.#host.options;
    if (idleTimeoutMs === false) return;
    const intervalMs = Math.max(1, Math.min(LONGEST_INTERVAL_MS, idleTimeoutMs / LOOKS_PER_TIMEOUT));
    this.#host.deadlines.schedule(this, intervalMs, this.#host.clock.now());
  }
}
