import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

import type { WebSocket } from 'ws';

import type { Connection, ManagerFactory, Transport } from '../index.ts';

/** Bytes a client may send before its upgrade is answered. */
export const MAX_EARLY_BYTES = 16 * 1024;

const INTAKE: unique symbol = Symbol('watertight.intake');

interface Watched extends Duplex {
  [INTAKE]?: UpgradeIntake;
}

interface WatchedWebSocket extends WebSocket {
  [INTAKE]?: UpgradeIntake;
}

/** What the intake reports while nobody else looks after the socket. */
export interface IntakeEvents {
  /** The client left before its upgrade was answered. */
  left(): void;
  /** It sent more than {@link MAX_EARLY_BYTES} before that. */
  tooMuchEarlyData(): void;
  /** Its manager was ended before that, for this reason. */
  managerEnded(reason: string): void;
}

/**
 * Looks after one raw socket from the first line of `upgrade` until it is destroyed. A client that resets is seen by `error`, one
 * that leaves politely only by `end`, and an `end` behind early bytes only if these are read: so they are, into a bounded head.
 */
export class UpgradeIntake implements Transport {
  readonly socket: Duplex;
  readonly connection: Connection;
  #events: IntakeEvents | undefined;
  #webSocket: WebSocket | undefined = undefined;
  #early: Buffer[] | undefined = undefined;
  #earlyBytes = 0;

  constructor(factory: ManagerFactory, socket: Duplex, head: Buffer, events: IntakeEvents) {
    this.socket = socket;
    this.#events = events;
    this.connection = factory.connect(this);
    (socket as Watched)[INTAKE] = this;
    socket.on('error', onError);
    socket.on('end', onEnd);
    socket.on('close', onClose);
    if (head.length > 0) this.#keepEarly(head);
    socket.on('data', onEarlyData);
    if (socket.destroyed) this.connection.markGone();
  }

  /** Stops reading and hands the early bytes over. Whoever takes them resumes: a WebSocketServer may ask others before it accepts. */
  handOver(): Buffer {
    const head = this.#early === undefined ? EMPTY : Buffer.concat(this.#early);
    this.#early = undefined;
    this.#events = undefined;
    this.socket.off('data', onEarlyData);
    this.socket.pause();
    return head;
  }

  /** The socket is a WebSocket now; from here on every inbound byte counts as life. */
  accepted(webSocket: WebSocket): void {
    this.#webSocket = webSocket;
    this.socket.on('data', onData);
    webSocket.on('message', onMessage);
    webSocket.on('error', onProtocolError);
    (webSocket as WatchedWebSocket)[INTAKE] = this;
    this.socket.resume();
  }

  keepEarly(chunk: Buffer): void {
    this.connection.inbound();
    this.#keepEarly(chunk);
    this.checkEarly();
  }

  /** To be called once for the bytes that came with the upgrade request itself. */
  checkEarly(): void {
    if (this.#earlyBytes > MAX_EARLY_BYTES) this.#events?.tooMuchEarlyData();
  }

  ended(cause: 'client-close' | 'client-error'): void {
    this.connection.end(cause);
    const events = this.#events;
    if (events === undefined) return;
    this.#events = undefined;
    events.left();
  }

  /** A peer that sent its close frame has left, even if it never closes its socket. */
  checkGoodbye(): void {
    const webSocket = this.#webSocket;
    if (webSocket !== undefined && webSocket.readyState === webSocket.CLOSING) this.ended('client-close');
  }

  ping(): void {
    const webSocket = this.#webSocket;
    if (webSocket !== undefined && webSocket.readyState === webSocket.OPEN) webSocket.ping();
  }

  close(code: number, reason: string): void {
    if (this.#webSocket !== undefined) this.#webSocket.close(code, reason);
    else this.#events?.managerEnded(reason);
  }

  destroy(how: 'fin' | 'reset'): void {
    const { socket } = this;
    if (how === 'reset' && 'resetAndDestroy' in socket) (socket as Socket).resetAndDestroy();
    else socket.destroy();
  }

  #keepEarly(chunk: Buffer): void {
    this.#early ??= [];
    this.#early.push(chunk);
    this.#earlyBytes += chunk.length;
  }
}

const EMPTY = Buffer.alloc(0);

// One function each for all sockets: no closure per connection.

function onEarlyData(this: Watched, chunk: Buffer): void {
  this[INTAKE]?.keepEarly(chunk);
}

/** The WebSocket has parsed the chunk already. */
function onData(this: Watched): void {
  const intake = this[INTAKE];
  intake?.connection.inbound();
  intake?.checkGoodbye();
}

/** Nobody else has to listen for it to keep the process alive. */
function onProtocolError(this: WatchedWebSocket): void {
  this[INTAKE]?.ended('client-error');
}

function onMessage(this: WatchedWebSocket): void {
  this[INTAKE]?.connection.used();
}

function onEnd(this: Watched): void {
  this[INTAKE]?.ended('client-close');
}

function onError(this: Watched): void {
  this[INTAKE]?.ended('client-error');
}

function onClose(this: Watched): void {
  const intake = this[INTAKE];
  intake?.ended('client-close');
  intake?.connection.markGone();
}
