/** What an adapter lets the core do to one socket. Errors are caught and reported; nothing here may block. */
export interface Transport {
  /** Asks the peer for a sign of life. */
  ping(): void;
  /** Starts the closing handshake; the adapter does not wait for it. */
  close(code: number, reason: string): void;
  /** Lets go of the socket now. `reset` also discards what the peer never read. */
  destroy(how: 'fin' | 'reset'): void;
  /** Bytes handed over to be sent and not passed on to the system yet. A transport that cannot tell leaves it out. */
  unsentBytes?(): number;
}

/** How a connection ended: the peer said so or left (`client-close`), reset or failed (`client-error`), was found silent, or did not read. */
export type EndCause = 'client-close' | 'client-error' | 'silent' | 'slow-consumer';

/** One socket as the core sees it. Made by `factory.connect` before anything else, fed by the adapter. */
export interface Connection {
  /** The server knows that the peer is gone. */
  readonly ended: boolean;
  /** The socket is destroyed. */
  readonly gone: boolean;
  /** Whether {@link maySend} has anything to say: `maxBufferedBytes` is set. */
  readonly isBounded: boolean;
  /**
   * Ask before every frame, with its size: `false` means that it is not to be sent, or that the connection was ended. `isBegun`: it goes on
   * with a message of which something was sent, and is sent where another one would be dropped. Default `false`.
   */
  maySend(frameBytes: number, isBegun?: boolean): boolean;
  /** Whether {@link within} makes a difference: the connection has a manager, and the factory is in development mode. */
  readonly isWatched: boolean;
  /** Runs code of the session as code of its manager, so that development mode sees what it starts. */
  within<Result>(code: () => Result): Result;
  /** Whether {@link delivers} has anything to say: it counts against a limit that many nodes share. */
  readonly isLeased: boolean;
  /** Ask before an inbound chunk is passed on: `false` means that the place of its session is somebody else's by now, and that it was ended. */
  delivers(): boolean;
  /** Call for every inbound chunk of raw bytes: any byte is life. */
  inbound(): void;
  /** Call for every inbound message: the connection is not only alive but used. Includes {@link inbound}. */
  used(): void;
  /** As {@link used}, where the chunk that the message came in is told by {@link inbound} right behind it: the clock is read once for both. */
  usedByChunk(): void;
  /** Call when the server can know that the peer is gone: `end`, `error` or `close` of the raw socket. Idempotent. */
  end(cause: EndCause): void;
  /** Call when the raw socket is destroyed. Ends the connection if nothing else did. Idempotent. */
  markGone(): void;
}
