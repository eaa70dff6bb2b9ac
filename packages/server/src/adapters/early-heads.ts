import type { EventEmitter } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';

/** What came in one packet with an upgrade, of servers whose frameworks keep it to themselves: it counts as early all the same. */
export class EarlyHeads {
  readonly #server: EventEmitter | undefined;
  readonly #heads = new WeakMap<IncomingMessage, Buffer>();
  readonly #onUpgrade = (request: IncomingMessage, _socket: Duplex, head: Buffer): void => {
    if (head.length > 0) this.#heads.set(request, head);
  };

  constructor(server: EventEmitter | undefined) {
    this.#server = server;
    server?.prependListener('upgrade', this.#onUpgrade);
  }

  of(request: IncomingMessage): Buffer {
    return this.#heads.get(request) ?? EMPTY;
  }

  close(): void {
    this.#server?.off('upgrade', this.#onUpgrade);
  }
}

const EMPTY = Buffer.alloc(0);
