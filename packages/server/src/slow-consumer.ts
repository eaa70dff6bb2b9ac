import type { SlowConsumerStats } from './stats.ts';

/** One frame that would put a connection over `maxBufferedBytes`. */
export interface SlowConsumer {
  readonly user: string;
  readonly unsentBytes: number;
  /** The frame about to be sent; it counts. */
  readonly frameBytes: number;
  readonly maxBufferedBytes: number;
}

/** What is done with that frame, or with its connection. */
export type SlowConsumerAction = 'send' | 'drop' | 'terminate';

/** `'drop'`: the frame · `'terminate'`: the connection, by reset, as a close frame would wait behind what is unread · or a decision each time. */
export type SlowConsumerPolicy = 'drop' | 'terminate' | ((consumer: SlowConsumer) => SlowConsumerAction);

/** What the bound has to know of a connection, and does to it. */
export interface BoundedConnection {
  readonly ended: boolean;
  readonly unsentBytes: number;
  readonly owner: { readonly user: string } | undefined;
  endAs(cause: 'slow-consumer'): void;
}

/** The bound for what waits to be sent. */
export interface SendBound {
  /** Whether a frame of that size may be sent now. `isBegun`: it goes on with a message of which something was sent, and cannot be dropped. */
  maySend(connection: BoundedConnection, frameBytes: number, isBegun?: boolean): boolean;
  stats(): SlowConsumerStats;
}
