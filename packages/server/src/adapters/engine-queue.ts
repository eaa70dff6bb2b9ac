import { ServerResponse } from 'node:http';

import type { Socket } from 'socket.io';

import type { Connection } from '../index.ts';
import { sentBytesOf } from './sent-bytes.ts';

type EngineSocket = Socket['conn'];

interface Packet {
  readonly data?: unknown;
}

type Write = (this: EngineSocket, data: unknown, options?: unknown, done?: unknown) => EngineSocket;

/** One of each client, whoever asks, in however many namespaces. */
const queues = new WeakMap<EngineSocket, EngineQueue>();

/**
 * What waits to be sent to one client of Engine.IO: in its own buffer until the transport can take more, which with polling is the next
 * request of the client; then in the WebSocket, or in the response to a poll.
 */
export class EngineQueue {
  readonly #socket: EngineSocket;
  readonly #bounded = new Set<Connection>();
  #bufferedBytes: number;
  /** The last poll that was answered, until its response is out. */
  #response: ServerResponse | undefined = undefined;
  #isBounding = false;
  #lastOptions: unknown = undefined;
  #maySendLast = true;

  static of(socket: EngineSocket): EngineQueue {
    const queue = queues.get(socket) ?? new EngineQueue(socket);
    queues.set(socket, queue);
    return queue;
  }

  private constructor(socket: EngineSocket) {
    this.#socket = socket;
    const waiting = Reflect.get(socket, 'writeBuffer') as readonly Packet[] | undefined;
    this.#bufferedBytes = (waiting ?? []).reduce((bytes, { data }) => bytes + sentBytesOf(data), 0);
    socket.on('packetCreate', ({ data }: Packet) => {
      this.#bufferedBytes += sentBytesOf(data);
    });
    socket.on('flush', () => this.#flushed());
  }

  /** Before compression, as far as Engine.IO or `ws` hold it themselves. */
  unsentBytes(): number {
    const { transport } = this.#socket;
    const webSocket: unknown = 'socket' in transport ? transport.socket : undefined;
    return this.#bufferedBytes + bufferedAmountOf(webSocket) + (this.#response?.writableLength ?? 0);
  }

  /**
   * From now on every packet is counted before it is queued, by the first connection that asked for it and has not ended. Answers what
   * takes it back.
   */
  bound(connection: Connection): () => void {
    this.#bounded.add(connection);
    this.#boundWrites();
    return () => void this.#bounded.delete(connection);
  }

  /** Socket.IO says what it has to say by `write`; `send` is the same under another name. */
  #boundWrites(): void {
    if (this.#isBounding) return;
    this.#isBounding = true;
    const { write } = this.#socket as unknown as { readonly write: Write };
    const withinBound = (data: unknown, options?: unknown, done?: unknown): EngineSocket =>
      this.#maySend(data, options) ? write.call(this.#socket, data, options, done) : this.#socket;
    Object.assign(this.#socket, { write: withinBound, send: withinBound });
  }

  /**
   * A binary attachment goes the way of the packet before it, whose options it shares: the client could read neither without the other. How
   * large it is is known too late to count.
   */
  #maySend(data: unknown, options: unknown): boolean {
    const isAttachment = typeof data !== 'string' && options !== undefined && options === this.#lastOptions;
    this.#lastOptions = options;
    if (isAttachment) return this.#maySendLast;
    this.#maySendLast = true;
    for (const connection of this.#bounded) {
      if (connection.ended) continue;
      this.#maySendLast = connection.maySend(sentBytesOf(data));
      break;
    }
    return this.#maySendLast;
  }

  #flushed(): void {
    this.#bufferedBytes = 0;
    const { transport } = this.#socket;
    const response: unknown = 'res' in transport ? transport.res : undefined;
    if (!(response instanceof ServerResponse)) return;
    this.#response = response;
    response.once('close', () => {
      if (this.#response === response) this.#response = undefined;
    });
  }
}

function bufferedAmountOf(webSocket: unknown): number {
  if (typeof webSocket !== 'object' || webSocket === null || !('bufferedAmount' in webSocket)) return 0;
  return typeof webSocket.bufferedAmount === 'number' ? webSocket.bufferedAmount : 0;
}
