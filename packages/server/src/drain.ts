import { CLOSE_CODES } from './close-codes.ts';
import { Deadline } from './deadline-queue.ts';
import type { ResolvedDrainOptions } from './drain-options.ts';
import { planTurns, type Turn } from './drain-plan.ts';
import type { DrainReport } from './drain-report.ts';
import { CHANNELS, publish } from './events.ts';
import { runLast } from './last-hooks.ts';
import type { ManagerHost, ManagerRecord } from './manager-record.ts';
import type { ReleaseReport } from './release-report.ts';
import { inSlices, SLICE_BUDGET_MS } from './slices.ts';

/** Closes that are due within this time are issued together. */
const TICK_MS = 20;

/**
 * Closes everybody over a window. A slot is free when its close is issued, so nobody is counted here and elsewhere at once.
 *
 *     0                                    window − deadline           window
 *     readiness flips, nobody gets in      │                           │
 *     ├── one close after another, jittered ┼── whoever is still here ──┼── empty ── closeLast ── report
 *          unsent data or work: put off ────┘
 */
export class Drain extends Deadline {
  readonly #host: ManagerHost;
  readonly #options: ResolvedDrainOptions;
  readonly #startedAtMs: number;
  readonly #lastCallMs: number;
  readonly #turns: readonly Turn<ManagerRecord>[];
  readonly #refusedBefore: number;
  /** Whose turn came while data was unsent or work under way. */
  readonly #waiting = new Set<ManagerRecord>();
  #next = 0;
  #closed = 0;
  #hardStopped = 0;
  #putOff = 0;
  #unsentBytes = 0;

  constructor(host: ManagerHost, options: ResolvedDrainOptions) {
    super();
    this.#host = host;
    this.#options = options;
    this.#startedAtMs = host.clock.now();
    this.#lastCallMs = Math.max(0, options.windowMs - host.options.cleanupDeadlineMs);
    this.#turns = planTurns([...host.registry.held()], this.#lastCallMs, isWorking);
    this.#refusedBefore = this.#refused();
  }

  /** `close` ends what a drain ends last: those that were closing before, the sweep, the deadlines. */
  async run(close: () => Promise<void>): Promise<DrainReport> {
    const { windowMs, reason, closeLast, closeLastTimeoutMs } = this.#options;
    publish(CHANNELS['watertight:drain:begin'], this.#host, () => ({ windowMs, managers: this.#turns.length }));
    this.#tick(this.#startedAtMs);
    const released: Promise<ReleaseReport>[] = [];
    await inSlices(this.#host.clock, this.#turns.values(), ({ item }) => {
      released.push(item.released);
    });
    const reports = await Promise.all(released);
    await close();
    const durationMs = this.#host.clock.now() - this.#startedAtMs;
    const report: DrainReport = Object.freeze({
      reason,
      windowMs,
      durationMs,
      managers: this.#turns.length,
      closed: this.#closed,
      hardStopped: this.#hardStopped,
      left: this.#turns.length - this.#closed - this.#hardStopped,
      putOff: this.#putOff,
      unsentBytes: this.#unsentBytes,
      refused: this.#refused() - this.#refusedBefore,
      deadlineMissed: reports.filter(({ deadlineMet }) => !deadlineMet).length,
      closeLast: await runLast(this.#host, closeLast, closeLastTimeoutMs),
    });
    publish(CHANNELS['watertight:drain:end'], this.#host, () => ({ report }));
    return report;
  }

  /** The factory is being closed, and ends everybody who is still here: they are counted as at the end of the window. */
  cutShort(): void {
    this.#host.deadlines.cancel(this);
    const rest = [...this.#turns.slice(this.#next).map(({ item }) => item), ...this.#waiting];
    this.#next = this.#turns.length;
    this.#waiting.clear();
    for (const manager of rest) if (manager.isHeld) this.#count(manager, manager.unsentBytes);
  }

  override onDue(nowMs: number): void {
    this.#tick(nowMs);
  }

  #tick(startedAtMs: number): void {
    const { clock, deadlines } = this.#host;
    const elapsedMs = startedAtMs - this.#startedAtMs;
    const isLastCall = elapsedMs >= this.#lastCallMs;
    let nowMs = startedAtMs;
    const isInTime = (): boolean => {
      nowMs = clock.now();
      return nowMs - startedAtMs < SLICE_BUDGET_MS;
    };
    for (
      let turn = this.#turns[this.#next];
      turn !== undefined && turn.atMs <= elapsedMs && isInTime();
      turn = this.#turns[this.#next]
    ) {
      this.#next += 1;
      this.#take(turn.item, isLastCall);
    }
    // Each once, and whoever has to wait again behind those that were not looked at: of many, the first would be looked at again and again.
    let left = this.#waiting.size;
    for (const manager of this.#waiting) {
      if (left === 0 || !isInTime()) break;
      left -= 1;
      this.#take(manager, isLastCall);
    }
    if (this.#next === this.#turns.length && this.#waiting.size === 0) return;
    deadlines.schedule(this, isInTime() ? TICK_MS : 1, nowMs);
  }

  #take(manager: ManagerRecord, isLastCall: boolean): void {
    const { isHeld } = manager;
    const unsentBytes = isHeld ? manager.unsentBytes : 0;
    if (isHeld && !isLastCall && isBusy(manager, unsentBytes)) {
      if (!this.#waiting.delete(manager)) this.#putOff += 1;
      this.#waiting.add(manager);
      return;
    }
    this.#waiting.delete(manager);
    if (!isHeld) return;
    this.#count(manager, unsentBytes);
    manager.end(this.#options.reason, 'close', this.#host.clock.now(), CLOSE_CODES.shutdown);
  }

  #count(manager: ManagerRecord, unsentBytes: number): void {
    if (isBusy(manager, unsentBytes)) this.#hardStopped += 1;
    else this.#closed += 1;
    this.#unsentBytes += unsentBytes;
  }

  #refused(): number {
    return this.#host.tally.refusedByReason.get('draining') ?? 0;
  }
}

function isBusy(manager: ManagerRecord, unsentBytes: number): boolean {
  return unsentBytes > 0 || isWorking(manager);
}

function isWorking({ inFlight }: ManagerRecord): boolean {
  return inFlight > 0;
}
