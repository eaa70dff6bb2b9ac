/** How a client's life ends, or stops being one. */
export type Ending =
  | 'close-frame' // a closing handshake by the client
  | 'fin' // the TCP connection is half-closed without a close frame
  | 'rst' // reset
  | 'abort-in-upgrade' // reset after the request was sent, before its response arrived
  | 'protocol-error' // a frame the protocol forbids
  | 'vanish' // nothing more arrives either way, no FIN
  | 'stall'; // stops reading while the server sends

/** How the server let go of a connection, seen on the wire. */
export type Gone = 'fin' | 'rst';

export interface Refused {
  readonly admitted: false;
  /** HTTP status of the upgrade response, or `undefined` when it was accepted and then closed. */
  readonly httpStatus: number | undefined;
  readonly retryAfter: string | undefined;
  /** Parsed JSON body of the HTTP refusal, else its text. */
  readonly body: unknown;
  /** Close code and reason when refused after accept. */
  readonly closeCode: number | undefined;
  readonly closeReason: string | undefined;
  /** What it was told when refused by a message of its protocol. */
  readonly message: string | undefined;
  /** Set when the connection failed without an answer: reset, refused, timed out. */
  readonly failure: string | undefined;
}

export interface Admitted {
  readonly admitted: true;
  readonly client: Client;
}

export type Attempt = Admitted | Refused;

/** One client life over one line. */
export interface Client {
  readonly user: string;
  readonly state: 'open' | 'ended';
  /** The local port of our end of the connection to the server (the server's remote port). */
  readonly localPort: number;
  /** Frames received so far, oldest first; text as string, binary as Uint8Array. */
  readonly received: readonly (string | Uint8Array)[];
  /** Resolves with the next frame that was not taken yet; rejects at the deadline. */
  next(deadlineMs: number): Promise<string | Uint8Array>;
  send(data: string | Uint8Array): void;
  /** Sends the same text so many times, to fill buffers: of more than 65 535 bytes, as shorter ones are framed in another way. */
  sendBulk(text: string, count: number): void;
  /** Sends a WebSocket ping and waits for its pong: the connection lives in both directions. */
  ping(deadlineMs: number): Promise<boolean>;
  /** The wire stops: nothing is forwarded either way any more, bytes from the server are read and dropped; no FIN is sent. */
  vanish(): void;
  /** Stops reading from the server; the server's send buffers fill up. */
  stall(): void;
  /** Reads on after a stall: a slow reader, who gets everything in the end. */
  resume(): void;
  /** Sends a close frame and keeps its TCP side: nothing else goes either way, no FIN either. Resolves with the time it was on the wire. */
  sayGoodbye(): Promise<number>;
  /** Leaves pings of the server unanswered until {@link answerPings}; none of them is answered later. */
  ignorePings(): void;
  answerPings(): void;
  /** Carries out an ending; resolves once it was put on the wire, with the time (performance.now) at which it was. */
  end(ending: Ending): Promise<number>;
  /**
   * How and when (performance.now) the server let go, seen on the wire; resolves `undefined` after `deadlineMs`. After our own
   * reset nothing can be seen on the wire: then it resolves `undefined` at once. A stalled client sees nothing until it reads
   * again: it looks at the deadline for 50 ms (up to 250 ms while bytes come); `atMs` is then the time of that look.
   */
  gone(deadlineMs: number): Promise<{ readonly how: Gone; readonly atMs: number } | undefined>;
  /** Close code and reason the server sent, if any. */
  readonly closedByServer: { readonly code: number; readonly reason: string } | undefined;
  /** Destroys everything on our side; always safe. */
  dispose(): void;
}

/** Opens clients against one target and disposes every one it made. */
export interface Drive {
  /** The user id for an index: `test-user-<n>` unless a template says otherwise. */
  userId(index: number): string;
  /**
   * One attempt to be admitted; never rejects for a refusal. `timeoutMs` default 5 000; `stayMs` after its first
   * pong it is admitted unless it is told no until then (default 0, more where a server says no late); `session` is sent as a cookie, as all
   * tabs of one browser send the same (default: none); `forwardedFor` are addresses that it says it came by (`X-Forwarded-For` and
   * `Forwarded`, default: neither).
   */
  connect(
    user: string,
    options?: {
      readonly timeoutMs?: number;
      readonly stayMs?: number;
      readonly session?: string;
      readonly forwardedFor?: readonly string[];
    },
  ): Promise<Attempt>;
  /** One attempt of somebody who says nowhere who it is, neither in its request nor after it. */
  connectNameless(options?: { readonly timeoutMs?: number }): Promise<Attempt>;
  /** Sends the upgrade request and resets the connection before the answer; resolves with the time of the reset. */
  abortInUpgrade(user: string): Promise<number>;
  /**
   * One attempt of a client that does not wait for the answer: behind its request it sends a ping, a few bytes at a time, which
   * may end before, with or after the answer. `pingAnswered` says whether the pong came, whole, within `timeoutMs` (default 5 000).
   */
  connectEarly(
    user: string,
    options?: { readonly timeoutMs?: number },
  ): Promise<{ readonly attempt: Attempt; readonly pingAnswered: boolean }>;
  /** One attempt that sends these bytes in one piece with its request: whoever reads the one has read the other. Not over TLS. */
  connectTalking(user: string, behind: Uint8Array): Promise<Attempt>;
  /** `count` attempts whose requests are on the wire before the first answer is read. */
  connectAtOnce(user: string, count: number): Promise<readonly Attempt[]>;
  /** Attempts under way, and clients not disposed. A refused attempt disposes itself. */
  readonly openCount: number;
  /** Attempts ever made, also refused and aborted ones: each opened one connection. For rates and the final statement. */
  readonly madeCount: number;
  /** Disposes every client that is left. Idempotent. */
  dispose(): Promise<void>;
}
