import { type CapturedStack, captureStack, placeIn } from './caller-place.ts';
import { Deadline } from './deadline-queue.ts';
import { reportError } from './host.ts';
import type { ManagerHost, ManagerRecord } from './manager-record.ts';
import { inSlices } from './slices.ts';
import type { SuspicionKind } from './suspicion.ts';

const LOOKS_PER_TIME = 8;
const LONGEST_INTERVAL_MS = 30_000;

interface Raised {
  readonly id: number;
  readonly kind: SuspicionKind;
}

/** Suspects managers that live on and on, or without a connection. Exists only where `warnAfterMs` is set. */
export class LongLived extends Deadline {
  readonly #host: ManagerHost;
  readonly #warnAfterMs: number;
  readonly #raised = new Map<ManagerRecord, Raised>();
  /** Of the admissions that were sampled. */
  readonly #stacks = new WeakMap<ManagerRecord, CapturedStack>();
  #sampled = 0;
  #running = false;

  constructor(host: ManagerHost, warnAfterMs: number) {
    super();
    this.#host = host;
    this.#warnAfterMs = warnAfterMs;
  }

  start(): void {
    if (this.#running) return;
    this.#running = true;
    this.#arm();
  }

  stop(): void {
    this.#running = false;
    this.#host.deadlines.cancel(this);
    this.#withdrawEnded();
  }

  /** Remembers where one in so many was admitted. */
  admitted(manager: ManagerRecord): void {
    this.#sampled += this.#host.options.stackSampleRate;
    if (this.#sampled < 1) return;
    this.#sampled -= 1;
    this.#stacks.set(manager, captureStack());
  }

  override onDue(): void {
    this.#withdrawEnded();
    void inSlices(this.#host.clock, this.#host.registry.held(), (manager) => this.#look(manager))
      .catch((error: unknown) => reportError(this.#host, error, 'internal'))
      .finally(() => {
        if (this.#running) this.#arm();
      });
  }

  #withdrawEnded(): void {
    for (const [manager, { id, kind }] of this.#raised) {
      if (manager.isHeld && (kind === 'long-lived' || manager.connectionCount === 0)) continue;
      this.#raised.delete(manager);
      this.#host.suspicions.withdraw(id);
    }
  }

  #look(manager: ManagerRecord): void {
    if (this.#raised.has(manager)) return;
    const nowMs = this.#host.clock.now();
    const emptyForMs = manager.connectionCount > 0 ? 0 : nowMs - (manager.emptySinceMs ?? manager.createdAtMs);
    if (emptyForMs > this.#warnAfterMs) this.#raise(manager, 'without-connection');
    else if (nowMs - manager.createdAtMs > this.#warnAfterMs) this.#raise(manager, 'long-lived');
  }

  #raise(manager: ManagerRecord, kind: SuspicionKind): void {
    const place = placeIn(this.#stacks.get(manager) ?? {});
    const id = this.#host.suspicions.raise({ kind, user: manager.user, managerId: manager.id, name: '', place });
    this.#raised.set(manager, { id, kind });
  }

  #arm(): void {
    const intervalMs = Math.max(1, Math.min(LONGEST_INTERVAL_MS, this.#warnAfterMs / LOOKS_PER_TIME));
    this.#host.deadlines.schedule(this, intervalMs, this.#host.clock.now());
  }
}
