import type { IncomingMessage } from 'node:http';

/** Where clients come from. */
export class SpecimenAddresses {
  /** From the peer of the socket: there is no proxy that could be believed. */
  of(request: IncomingMessage): string | undefined {
    return request.socket.remoteAddress;
  }
}
