import type { Connection, Transport } from '../src/connection.ts';
import type { ManagerFactory } from '../src/manager-factory.ts';

export interface PeerHabits {
  /** Answers a ping at once. Default `true`. */
  readonly answers?: boolean;
  /** Answers a close frame by letting go, at once. Default `true`. */
  readonly closes?: boolean;
}

/** The far end of a connection, without a socket: does what it is told to, and remembers what the server did to it. */
export class FakePeer implements Transport {
  readonly connection: Connection;
  readonly closes: { readonly code: number; readonly reason: string }[] = [];
  pings = 0;
  /** Bytes that it has not read. */
  unsent = 0;
  destroyed: 'fin' | 'reset' | undefined;
  destroyedAtMs: number | undefined;
  habits: PeerHabits;
  readonly #factory: ManagerFactory;

  constructor(factory: ManagerFactory, habits: PeerHabits = {}) {
    this.#factory = factory;
    this.habits = habits;
    this.connection = factory.connect(this);
  }

  ping(): void {
    this.pings += 1;
    if (this.habits.answers !== false) this.connection.inbound();
  }

  close(code: number, reason: string): void {
    this.closes.push({ code, reason });
    if (this.habits.closes !== false) this.connection.markGone();
  }

  destroy(how: 'fin' | 'reset'): void {
    this.destroyed = how;
    this.destroyedAtMs = this.#factory.clock.now();
    this.connection.markGone();
  }

  unsentBytes(): number {
    return this.unsent;
  }

  talk(): void {
    this.connection.inbound();
    this.connection.used();
  }
}
