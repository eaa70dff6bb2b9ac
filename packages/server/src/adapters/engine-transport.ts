import type { ServerResponse } from 'node:http';
import { Socket as RawSocket } from 'node:net';

import type { Socket } from 'socket.io';

import type { Connection, EndCause, ManagerFactory, Transport } from '../index.ts';
import { EngineQueue } from './engine-queue.ts';
import { resetSocket } from './reset-socket.ts';

type EngineSocket = Socket['conn'];

/** Whoever answers while a client is being decided. */
interface Deciding {
  managerEnded(connection: Connection, reason: string): boolean;
}

/** How Engine.IO names the ends of a client. */
const CAUSES: Readonly<Record<string, EndCause>> = { 'transport error': 'client-error', 'ping timeout': 'silent' };

export function causeOf(reason: string): EndCause {
  return CAUSES[reason] ?? 'client-close';
}

/** One client of Engine.IO, at whatever transport it is. */
export class EngineTransport implements Transport {
  readonly connection: Connection;
  readonly #left: (connection: Connection) => void;
  #socket: EngineSocket | undefined = undefined;
  #response: ServerResponse | undefined = undefined;
  #deciding: Deciding | undefined = undefined;
  #unwatchWire: () => void = () => undefined;
  #unbind: () => void = () => undefined;
  #queue: EngineQueue | undefined = undefined;

  /** @param face the transport that the factory sees, when it is not this one */
  constructor(factory: ManagerFactory, left: (connection: Connection) => void, face?: Transport) {
    this.#left = left;
    this.connection = factory.connect(face ?? this);
  }

  /** Until there is a socket, the response to its handshake stands for it. */
  handshakeBy(response: ServerResponse, deciding: Deciding): void {
    this.#response = response;
    this.#deciding = deciding;
    const onClose = (): void => {
      if (this.#socket === undefined) this.gone('client-close');
    };
    if (response.destroyed) onClose();
    else response.once('close', onClose);
  }

  bind(socket: EngineSocket): void {
    this.#socket = socket;
    this.#watchWire(socket);
    const queue = EngineQueue.of(socket);
    this.#queue = queue;
    const unbound = this.connection.isBounded ? queue.bound(this.connection) : undefined;
    // From polling to a WebSocket.
    const onUpgrade = (): void => this.#watchWire(socket);
    const onPacket = (): void => this.connection.inbound();
    const onData = (): void => this.connection.used();
    const onClose = (reason: string): void => {
      this.connection.end(causeOf(reason));
      const webSocket = webSocketOf(socket);
      // Engine.IO is done with it; the socket under it may take the time of a closing handshake.
      if (webSocket === undefined || webSocket.readyState === CLOSED) this.gone('client-close');
      else webSocket.once('close', () => this.gone('client-close'));
    };
    socket.once('upgrade', onUpgrade).on('packet', onPacket).on('data', onData).once('close', onClose);
    // A client goes on when it leaves a namespace, and may come and go there as often as it likes.
    this.#unbind = () => {
      unbound?.();
      socket.off('upgrade', onUpgrade).off('packet', onPacket).off('data', onData).off('close', onClose);
    };
    if (socket.readyState === 'closed') this.gone('client-close');
  }

  /** Engine.IO does not tell a reset from a goodbye, nor that somebody said goodbye and stayed. */
  #watchWire(socket: EngineSocket): void {
    const webSocket = webSocketOf(socket);
    const wire = webSocket === undefined ? undefined : rawSocketOf(webSocket);
    if (webSocket === undefined || wire === undefined) return;
    const onError = (): void => this.connection.end('client-error');
    const onData = (): void => {
      if (webSocket.readyState === CLOSING) this.connection.end('client-close');
      else this.connection.inbound();
    };
    wire.on('error', onError);
    wire.on('data', onData);
    this.#unwatchWire = () => {
      wire.off('error', onError);
      wire.off('data', onData);
    };
  }

  gone(cause: EndCause): void {
    this.#unwatchWire();
    this.#unbind();
    this.connection.end(cause);
    this.connection.markGone();
    this.#left(this.connection);
  }

  /** Engine.IO asks by itself, and closes who does not answer; over a WebSocket we ask besides. */
  ping(): void {
    const webSocket = this.#socket === undefined ? undefined : webSocketOf(this.#socket);
    if (webSocket === undefined) {
      this.connection.inbound();
      return;
    }
    webSocket.once('pong', () => this.connection.inbound());
    webSocket.ping();
  }

  unsentBytes(): number {
    return this.#queue?.unsentBytes() ?? 0;
  }

  close(_code: number, reason: string): void {
    if (this.#deciding?.managerEnded(this.connection, reason) === true) return;
    this.#socket?.close();
  }

  destroy(how: 'fin' | 'reset'): void {
    if (this.#socket === undefined) this.#response?.destroy();
    else cutOff(this.#socket, how);
  }
}

/** Ends a client without a word, at whatever transport it is. */
export function cutOff(socket: EngineSocket, how: 'fin' | 'reset'): void {
  const webSocket = webSocketOf(socket);
  const wire = webSocket === undefined ? undefined : rawSocketOf(webSocket);
  if (how === 'reset' && wire !== undefined) resetSocket(wire);
  else webSocket?.terminate();
  socket.close(true);
}

const CLOSING = 2;
const CLOSED = 3;

/** The WebSocket of a client that is at one; Engine.IO does not type it. */
interface EngineWebSocket {
  readonly readyState: number;
  once(event: 'close' | 'pong', listener: () => void): unknown;
  ping(): void;
  terminate(): void;
}

function webSocketOf({ transport }: EngineSocket): EngineWebSocket | undefined {
  const socket: unknown = 'socket' in transport ? transport.socket : undefined;
  return isWebSocket(socket) ? socket : undefined;
}

function rawSocketOf(webSocket: EngineWebSocket): RawSocket | undefined {
  const socket: unknown = Reflect.get(webSocket, '_socket');
  return socket instanceof RawSocket ? socket : undefined;
}

function isWebSocket(socket: unknown): socket is EngineWebSocket {
  return typeof socket === 'object' && socket !== null && 'terminate' in socket && 'ping' in socket;
}
