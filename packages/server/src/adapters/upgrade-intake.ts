import type { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

import type { Linked } from '../chain.ts';
import type { Connection, EndCause, ManagerFactory, Transport } from '../index.ts';
import { FrameWatch } from './frame-watch.ts';
import type { Awaiting } from './identify.ts';
import { deliverOnlyLeased } from './leased-delivery.ts';
import { resetSocket } from './reset-socket.ts';

const INTAKE: unique symbol = Symbol('watertight.intake');

interface Watched extends Duplex {
  [INTAKE]?: UpgradeIntake;
}

type EndSide = (this: Duplex, chunk?: unknown, encoding?: unknown, done?: unknown) => Duplex;

/** What an accepted socket speaks; a WebSocket of `ws` is one as it is. */
export interface Speaker {
  readonly readyState: number;
  readonly OPEN: number;
  readonly CLOSING: number;
  /** Bytes handed over to be sent and not passed on yet; without it, what the socket itself holds counts. */
  readonly bufferedAmount?: number;
  ping(): void;
  close(code: number, reason: string): void;
}

/** Who decides over an upgrade, and is told what happens to its socket meanwhile. */
export interface IntakeDesk {
  /** The client left before its upgrade was answered. */
  left(intake: UpgradeIntake): void;
  /** What it may send before that. */
  readonly maxEarlyBytes: number;
  readonly maxEarlyMessages: number;
  /** Somebody else reads the socket meanwhile: what comes is counted, and neither kept nor held back. */
  readonly isReadElsewhere?: boolean;
  /** It sent more. */
  tooMuchEarly(intake: UpgradeIntake, what: 'early-data-limit' | 'early-message-limit'): void;
  /** Its manager was ended before that, for this reason. */
  managerEnded(intake: UpgradeIntake, reason: string): void;
}

/** What is known of an upgrade that has not been answered: a socket that was accepted does not carry it. */
interface Undecided {
  readonly desk: IntakeDesk;
  readonly request: IncomingMessage | undefined;
  early: Buffer[] | undefined;
  earlyBytes: number;
  earlyMessages: number;
  /** Made with the first early byte, which hardly anybody sends. */
  frames: FrameWatch | undefined;
  isReading: boolean;
  /** Ends the time that `identify` has, which is over when nobody waits for it. */
  stopWaiting: (() => void) | undefined;
}

/**
 * Looks after one raw socket from the first line of `upgrade` until it is destroyed. A client that resets is seen by `error`, one
 * that leaves politely only by `end`, and an `end` behind early bytes only if these are read: so they are, into a bounded head.
 */
export class UpgradeIntake implements Transport, Awaiting, Linked<UpgradeIntake> {
  readonly socket: Duplex;
  readonly connection: Connection;
  #undecided: Undecided | undefined;
  #speaker: Speaker | undefined = undefined;
  /** Only while others are asked. */
  #tellEnd: ((reason: string) => void) | undefined = undefined;
  previous: UpgradeIntake | undefined = undefined;
  next: UpgradeIntake | undefined = undefined;

  constructor(factory: ManagerFactory, socket: Duplex, desk: IntakeDesk, request?: IncomingMessage) {
    this.socket = socket;
    this.#undecided = {
      desk,
      request,
      early: undefined,
      earlyBytes: 0,
      earlyMessages: 0,
      frames: undefined,
      isReading: false,
      stopWaiting: undefined,
    };
    this.connection = factory.connect(this);
    (socket as Watched)[INTAKE] = this;
    socket.on('error', onError);
    socket.on('end', onEnd);
    socket.on('close', onClose);
    if (socket.destroyed) this.connection.markGone();
    else if (socket.readableEnded) this.connection.end('client-close');
  }

  /** What is asked for; `undefined` once it is answered. */
  get request(): IncomingMessage | undefined {
    return this.#undecided?.request;
  }

  /** The answer takes time: from here on early bytes are read. Before, no byte and no end can come in between. */
  awaitAnswer(): void {
    const undecided = this.#undecided;
    if (undecided === undefined || undecided.isReading) return;
    undecided.isReading = true;
    this.socket.on('data', onEarlyData);
  }

  endsWaiting(stop: () => void): void {
    if (this.#undecided === undefined) stop();
    else this.#undecided.stopWaiting = stop;
  }

  /** Stops reading and hands the early bytes over. Whoever takes them resumes: a WebSocketServer may ask others before it accepts. */
  handOver(): Buffer {
    const undecided = this.#undecided;
    this.#undecided = undefined;
    if (undecided === undefined) return EMPTY;
    undecided.stopWaiting?.();
    if (undecided.isReading) {
      this.socket.off('data', onEarlyData);
      if (undecided.desk.isReadElsewhere !== true) this.socket.pause();
    }
    return undecided.early === undefined ? EMPTY : Buffer.concat(undecided.early);
  }

  /**
   * Hands the socket to a speaker that ends its side as soon as its peer does, as `ws` does in its own listener for `end`: then and there we
   * hear of it too. A third listener would make Node's list of them grow to twenty places. `tellEnd`: tells the client that its manager was
   * ended before it was answered.
   */
  speakBy(handOver: () => void, tellEnd: (reason: string) => void): void {
    const { socket } = this;
    const isReplaced = Object.hasOwn(socket, 'end');
    if (!isReplaced) {
      socket.off('end', onEnd);
      socket.end = endSide;
    }
    handOver();
    if (this.#speaker !== undefined) return;
    // Others are asked first, and nobody else listens meanwhile.
    if (!isReplaced) socket.on('end', onEnd);
    this.#tellEnd = tellEnd;
  }

  /** As {@link handOver}, for whoever expects all bytes from the socket itself. */
  giveBack(): void {
    const early = this.handOver();
    if (early.length > 0) this.socket.unshift(early);
  }

  /** The socket speaks its own language now; from here on every inbound byte counts as life. */
  accepted(speaker: Speaker): void {
    this.#speaker = speaker;
    this.#tellEnd = undefined;
    // The speaker listens for it too by now, and the `close` of a net.Socket says whether there was one.
    if (this.socket instanceof Socket) this.socket.off('error', onError);
    this.socket.on('data', onData);
    if (this.connection.isLeased) deliverOnlyLeased(this.socket, this.connection);
    this.socket.resume();
  }

  /** Also to be called with the bytes that came with the upgrade request itself. */
  keepEarly(chunk: Buffer): void {
    const undecided = this.#undecided;
    if (undecided !== undefined && undecided.desk.isReadElsewhere !== true) (undecided.early ??= []).push(chunk);
    this.countEarly(chunk);
  }

  /** Of bytes that somebody else keeps. */
  countEarly(chunk: Buffer): void {
    const undecided = this.#undecided;
    if (undecided === undefined) return;
    const { desk } = undecided;
    undecided.earlyBytes += chunk.length;
    if (undecided.earlyBytes > desk.maxEarlyBytes) {
      desk.tooMuchEarly(this, 'early-data-limit');
      return;
    }
    undecided.frames ??= new FrameWatch(() => {
      undecided.earlyMessages += 1;
    });
    undecided.frames.feed(chunk);
    if (undecided.earlyMessages > desk.maxEarlyMessages) desk.tooMuchEarly(this, 'early-message-limit');
  }

  ended(cause: EndCause): void {
    this.connection.end(cause);
    const undecided = this.#undecided;
    if (undecided === undefined) return;
    this.#undecided = undefined;
    undecided.stopWaiting?.();
    undecided.desk.left(this);
  }

  /** Any byte is life, except that a peer that sent its close frame has left, even if it never closes its socket. */
  received(): void {
    const speaker = this.#speaker;
    if (speaker !== undefined && speaker.readyState === speaker.CLOSING) this.ended('client-close');
    else this.connection.inbound();
  }

  ping(): void {
    const speaker = this.#speaker;
    if (speaker !== undefined && speaker.readyState === speaker.OPEN) speaker.ping();
  }

  close(code: number, reason: string): void {
    if (this.#speaker !== undefined) this.#speaker.close(code, reason);
    else if (this.#undecided !== undefined) this.#undecided.desk.managerEnded(this, reason);
    else this.#tellEnd?.(reason);
  }

  unsentBytes(): number {
    return this.#speaker?.bufferedAmount ?? this.socket.writableLength;
  }

  destroy(how: 'fin' | 'reset'): void {
    const { socket } = this;
    if (how === 'reset' && socket instanceof Socket) resetSocket(socket);
    else socket.destroy();
  }
}

const EMPTY = Buffer.alloc(0);

// One function each for all sockets: no closure per connection.

function onEarlyData(this: Watched, chunk: Buffer): void {
  this[INTAKE]?.keepEarly(chunk);
}

/** The speaker has parsed the chunk already. */
function onData(this: Watched): void {
  this[INTAKE]?.received();
}

function onEnd(this: Watched): void {
  this[INTAKE]?.ended('client-close');
}

function endSide(this: Watched, chunk?: unknown, encoding?: unknown, done?: unknown): Duplex {
  if (this.readableEnded) this[INTAKE]?.ended('client-close');
  const { end } = Object.getPrototypeOf(this) as { readonly end: EndSide };
  return end.call(this, chunk, encoding, done);
}

function onError(this: Watched): void {
  this[INTAKE]?.ended('client-error');
}

function onClose(this: Watched, hadError = false): void {
  const intake = this[INTAKE];
  intake?.ended(hadError ? 'client-error' : 'client-close');
  intake?.connection.markGone();
}
