import { closeReason } from './close-reason.ts';
import type { Connection, EndCause, Transport } from './connection.ts';
import { Deadline } from './deadline-queue.ts';
import { WatertightError } from './errors.ts';
import { type Host, reportError } from './host.ts';
import { judgeHeartbeat } from './liveness.ts';

/** Whoever a connection is attached to. */
export interface ConnectionOwner {
  readonly id: string;
  readonly user: string;
  readonly state: string;
  connectionEnded(connection: ConnectionRecord, cause: EndCause, endedAtMs: number): void;
  connectionGone(connection: ConnectionRecord): void;
  /** It counts against a limit that many nodes share. */
  readonly isLeased: boolean;
  serves(nowMs: number): boolean;
}

export class ConnectionRecord extends Deadline implements Connection {
  readonly #host: Host;
  readonly #transport: Transport;
  owner: ConnectionOwner | undefined = undefined;
  ended = false;
  gone = false;
  #lastInboundMs: number;
  #usedAtMs: number;
  /** A message of a chunk that has not been told yet: both times are now. */
  #isBeingUsed = false;
  #askedAtMs = 0;
  #unanswered = 0;

  constructor(host: Host, transport: Transport) {
    super();
    this.#host = host;
    this.#transport = transport;
    this.#lastInboundMs = Math.floor(host.clock.now());
    this.#usedAtMs = this.#lastInboundMs;
  }

  get lastInboundMs(): number {
    return this.#isBeingUsed ? Math.floor(this.#host.clock.now()) : this.#lastInboundMs;
  }

  get usedAtMs(): number {
    return this.#isBeingUsed ? Math.floor(this.#host.clock.now()) : this.#usedAtMs;
  }

  inbound(): void {
    // Whole milliseconds are stored in place, fractions in an object of their own.
    this.#lastInboundMs = Math.floor(this.#host.clock.now());
    if (!this.#isBeingUsed) return;
    this.#isBeingUsed = false;
    this.#usedAtMs = this.#lastInboundMs;
  }

  used(): void {
    this.#isBeingUsed = true;
    this.inbound();
  }

  usedByChunk(): void {
    this.#isBeingUsed = true;
  }

  attachTo(owner: ConnectionOwner, nowMs: number): void {
    this.owner = owner;
    const { heartbeatIntervalMs } = this.#host.options;
    if (heartbeatIntervalMs !== false) this.#host.deadlines.schedule(this, heartbeatIntervalMs, nowMs);
  }

  /** Nobody's any more; it goes on. */
  detach(): void {
    this.owner = undefined;
    this.#host.deadlines.cancel(this);
  }

  get isLeased(): boolean {
    return this.owner?.isLeased === true;
  }

  delivers(): boolean {
    return this.owner === undefined || this.owner.serves(this.#host.clock.now());
  }

  end(cause: EndCause): void {
    if (this.ended) return;
    this.ended = true;
    this.#host.deadlines.cancel(this);
    this.owner?.connectionEnded(this, cause, this.#host.clock.now());
  }

  markGone(): void {
    if (this.gone) return;
    this.end('client-close');
    this.gone = true;
    this.owner?.connectionGone(this);
  }

  /** Handed over to be sent, and not passed on yet. */
  get unsentBytes(): number {
    if (this.ended) return 0;
    try {
      return this.#transport.unsentBytes?.() ?? 0;
    } catch (error) {
      reportError(this.#host, error, 'transport', this.owner?.user);
      return 0;
    }
  }

  get isWatched(): boolean {
    return this.#host.leftovers !== undefined && this.owner !== undefined;
  }

  within<Result>(code: () => Result): Result {
    const { leftovers } = this.#host;
    return leftovers === undefined || this.owner === undefined ? code() : leftovers.within(this.owner, code);
  }

  get isBounded(): boolean {
    return this.#host.slowConsumers !== undefined;
  }

  maySend(frameBytes: number, isBegun = false): boolean {
    const { slowConsumers } = this.#host;
    return slowConsumers === undefined || slowConsumers.maySend(this, frameBytes, isBegun);
  }

  ask(): void {
    this.#host.tally.asked += 1;
    this.#guarded(() => this.#transport.ping());
  }

  startClose(code: number, reason: string): void {
    if (!this.ended) this.#guarded(() => this.#transport.close(code, closeReason(reason)));
  }

  destroy(how: 'fin' | 'reset'): void {
    if (!this.gone) this.#guarded(() => this.#transport.destroy(how));
  }

  /** Silent or too slow: nobody reads what is still to be sent, so it is discarded. */
  endAs(cause: 'silent' | 'slow-consumer'): void {
    this.end(cause);
    this.destroy('reset');
  }

  override onDue(nowMs: number, _latenessMs: number, heldUpMs: number): void {
    const { heartbeatIntervalMs, heartbeatMisses } = this.#host.options;
    if (heartbeatIntervalMs === false) return;
    const latenessMs = Math.max(heldUpMs, this.#host.deadlines.holdUp.recentMs(nowMs, heartbeatIntervalMs / 2));
    if (this.lastInboundMs >= this.#askedAtMs) this.#unanswered = 0;
    const facts = { quietForMs: nowMs - this.lastInboundMs, unanswered: this.#unanswered, latenessMs };
    const judgement = judgeHeartbeat(facts, { intervalMs: heartbeatIntervalMs, misses: heartbeatMisses });
    if (judgement.verdict === 'silent') return this.#confirmSilence();
    if (judgement.verdict !== 'alive') {
      this.#askedAtMs = Math.floor(nowMs);
      this.ask();
    }
    if (judgement.verdict === 'ask') this.#unanswered += 1;
    this.#host.deadlines.schedule(this, judgement.nextMs, nowMs);
  }

  /** Timers run before the I/O of the same turn of the loop: what has arrived meanwhile is read first. */
  #confirmSilence(): void {
    const seenMs = this.lastInboundMs;
    this.#host.clock.setImmediate(() => {
      if (this.ended) return;
      if (this.lastInboundMs === seenMs) return this.endAs('silent');
      const { heartbeatIntervalMs } = this.#host.options;
      if (heartbeatIntervalMs !== false)
        this.#host.deadlines.schedule(this, heartbeatIntervalMs, this.#host.clock.now());
    });
  }

  #guarded(call: () => void): void {
    try {
      call();
    } catch (error) {
      reportError(this.#host, error, 'transport', this.owner?.user);
    }
  }
}

/** @throws WatertightError `WATERTIGHT_E_CONNECTION_ENDED` */
export function assertAttachable(connection: Connection): asserts connection is ConnectionRecord {
  if (connection instanceof ConnectionRecord && !connection.ended && connection.owner === undefined) return;
  throw new WatertightError(
    'WATERTIGHT_E_CONNECTION_ENDED',
    'attach needs a connection of this factory that is open and not attached yet',
  );
}
