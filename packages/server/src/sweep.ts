import { Deadline } from './deadline-queue.ts';
import { CHANNELS, publish } from './events.ts';
import { reportError } from './host.ts';
import type { ManagerHost, ManagerRecord } from './manager-record.ts';
import { inSlices } from './slices.ts';
import type { SweepStats } from './stats.ts';

/** Deadlines get this long before the sweep takes their place. */
const PATIENCE_MS = 1000;

/**
 * The safety net. Everything it removes should have gone by its own deadline, so `removed` is a count of defects;
 * that it runs at all is visible in the statistics.
 */
export class Sweep extends Deadline {
  readonly #host: ManagerHost;
  #running = false;
  #runs = 0;
  #removed = 0;
  #lastRunAtMs: number | null = null;
  #lastDurationMs: number | null = null;
  #longestSliceMs = 0;
  #lastError: string | null = null;

  constructor(host: ManagerHost) {
    super();
    this.#host = host;
  }

  get running(): boolean {
    return this.#running;
  }

  start(): void {
    if (this.#running || this.#host.options.sweepIntervalMs === false) return;
    this.#running = true;
    this.#arm();
  }

  stop(): void {
    this.#running = false;
    this.#host.deadlines.cancel(this);
  }

  stats(): SweepStats {
    return Object.freeze({
      running: this.#running,
      runs: this.#runs,
      removed: this.#removed,
      lastRunAtMs: this.#lastRunAtMs,
      lastDurationMs: this.#lastDurationMs,
      longestSliceMs: this.#longestSliceMs,
      lastError: this.#lastError,
    });
  }

  override onDue(): void {
    void this.#run().finally(() => {
      if (this.#running) this.#arm();
    });
  }

  async #run(): Promise<void> {
    const { clock, registry } = this.#host;
    const startedAtMs = clock.now();
    try {
      const held = await inSlices(clock, registry.held(), (manager, nowMs) => this.#look(manager, nowMs));
      const closing = await inSlices(clock, registry.closing(), (manager, nowMs) =>
        this.#lookAtClosing(manager, nowMs),
      );
      this.#longestSliceMs = Math.max(this.#longestSliceMs, held.longestSliceMs, closing.longestSliceMs);
      this.#lastError = null;
    } catch (error) {
      this.#lastError = error instanceof Error ? error.message : String(error);
      reportError(this.#host, error, 'internal');
    }
    this.#runs += 1;
    this.#lastRunAtMs = startedAtMs;
    this.#lastDurationMs = clock.now() - startedAtMs;
    publish(CHANNELS['watertight:sweep:end'], this.#host, () => ({ sweep: this.stats() }));
  }

  #look(manager: ManagerRecord, nowMs: number): void {
    const { pendingDeadlineMs, releaseGraceMs } = this.#host.options;
    const emptyForMs = manager.emptySinceMs === undefined ? 0 : nowMs - manager.emptySinceMs;
    const graceMs = manager.everAttached ? releaseGraceMs : pendingDeadlineMs;
    const pendingTooLong =
      manager.state === 'pending' &&
      pendingDeadlineMs !== false &&
      nowMs - manager.createdAtMs > pendingDeadlineMs + PATIENCE_MS;
    const emptyTooLong = graceMs !== false && emptyForMs > graceMs + PATIENCE_MS;
    const dead = manager.connections.length > 0 && manager.connections.every((connection) => connection.gone);
    if (!pendingTooLong && !emptyTooLong && !dead) return;
    this.#removed += 1;
    manager.end('sweep', 'destroy', nowMs);
  }

  #lookAtClosing({ teardown }: ManagerRecord, nowMs: number): void {
    if (teardown === undefined || nowMs < teardown.overdueAtMs + PATIENCE_MS) return;
    this.#removed += 1;
    teardown.force();
  }

  #arm(): void {
    const { sweepIntervalMs } = this.#host.options;
    if (sweepIntervalMs !== false) this.#host.deadlines.schedule(this, sweepIntervalMs, this.#host.clock.now());
  }
}
