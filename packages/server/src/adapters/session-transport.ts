import type { ServerResponse } from 'node:http';

import { CLOSE_CODES } from '../close-codes.ts';
import type { Connection, ManagerFactory, Transport } from '../index.ts';
import { boundResponse, sayTo } from './bounded-response.ts';
import { endResponse } from './end-response.ts';
import { resetResponse } from './reset-socket.ts';

/** Who is told what happens to the connection of a session. */
interface SessionDesk {
  /** Its manager was ended; answers `true` when its first request still waits, and is told by that. */
  managerEnded(connection: Connection, reason: string): boolean;
  /** The first open response of a session began, or the last one is over. */
  openChanged(isOpen: boolean): void;
}

/** Any number of responses as the socket of one session; none of them has to be open for it to live. */
export class SessionTransport implements Transport {
  readonly connection: Connection;
  readonly #desk: SessionDesk;
  readonly #events: boolean;
  readonly #open = new Set<ServerResponse>();
  #isClosing = false;

  constructor(factory: ManagerFactory, desk: SessionDesk, events: boolean) {
    this.#desk = desk;
    this.#events = events;
    this.connection = factory.connect(this);
  }

  add(response: ServerResponse): void {
    this.connection.used();
    if (response.destroyed || response.writableFinished) return;
    if (this.#open.size === 0) this.#desk.openChanged(true);
    this.#open.add(response);
    if (this.connection.isBounded) boundResponse(response, this.connection, this.#events);
    // What is still written after its end is nobody's affair.
    response.on('error', () => undefined);
    response.once('close', () => {
      this.#open.delete(response);
      if (this.#open.size > 0) return;
      this.#desk.openChanged(false);
      if (this.#isClosing) this.connection.markGone();
    });
  }

  /** Whether it lives without a response is not asked here: that has a time-out of its own. An open one that is not read answers nothing. */
  ping(): void {
    for (const { writableLength } of this.#open) if (writableLength > 0) return;
    for (const response of this.#open) if (this.#events && isUnderWay(response)) sayTo(response, COMMENT);
    this.connection.inbound();
  }

  close(code: number, reason: string): void {
    if (this.#desk.managerEnded(this.connection, reason)) return;
    this.#isClosing = true;
    for (const response of this.#open) endResponse(response, { code, reason }, this.#events);
    if (this.#open.size === 0) this.connection.markGone();
  }

  /** Its client has said goodbye: whoever of it still reads is told, and nothing is waited for. */
  left(): void {
    this.connection.end('client-close');
    this.close(CLOSE_CODES.closed, 'client-close');
  }

  destroy(how: 'fin' | 'reset'): void {
    for (const response of this.#open) {
      if (how === 'reset') resetResponse(response);
      else response.destroy();
    }
    this.connection.markGone();
  }

  unsentBytes(): number {
    let bytes = 0;
    for (const { writableLength } of this.#open) bytes += writableLength;
    return bytes;
  }
}

/** In a stream of events, ignored by whoever reads it. */
const COMMENT = ':\n\n';

function isUnderWay(response: ServerResponse): boolean {
  return response.headersSent && !response.writableEnded;
}
