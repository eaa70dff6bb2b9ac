import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { atEnd } from './factory-kit.ts';

/** A wire between clients and a server that gets worse when it is told to. Never reorders. */
export class Relay {
  /** Milliseconds each chunk is late. */
  delayMs = 0;
  /** Passes what clients send on byte by byte, one each so many milliseconds; 0: whole chunks. */
  trickleUpMs = 0;
  /** As `trickleUpMs`, of what the server sends. */
  trickleDownMs = 0;
  /** Passes nothing on in either direction any more, and says nothing. */
  isDeaf = false;
  /** Passes nothing on for now, and loses nothing. */
  isStalled = false;
  #toPort: number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(toPort: number) {
    this.#toPort = toPort;
    this.#server = createServer((client) => {
      const server = connect({ port: this.#toPort, host: '127.0.0.1' });
      this.#pass(client, server, 'up');
      this.#pass(server, client, 'down');
    });
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Ended after the test. */
  static async before(toPort: number): Promise<Relay> {
    const relay = new Relay(toPort);
    relay.#server.listen(0, '127.0.0.1');
    await once(relay.#server, 'listening');
    atEnd(() => {
      for (const socket of relay.#sockets) socket.destroy();
      relay.#server.close();
    });
    return relay;
  }

  /** Resets every connection there is; new ones are taken. */
  cut(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  /** Cuts every connection, and leads new ones somewhere else. */
  lead(toPort: number): void {
    this.#toPort = toPort;
    this.cut();
  }

  #pass(from: Socket, to: Socket, direction: 'up' | 'down'): void {
    this.#sockets.add(from);
    let last: Promise<unknown> = Promise.resolve();
    from.on('data', (chunk: Buffer) => {
      last = last.then(() => this.#deliver(to, chunk, direction === 'up' ? this.trickleUpMs : this.trickleDownMs));
    });
    from.on('error', () => to.destroy());
    from.on('close', () => {
      this.#sockets.delete(from);
      last = last.then(() => {
        if (!this.isDeaf) to.destroy();
      });
    });
  }

  async #deliver(to: Socket, chunk: Buffer, trickleMs: number): Promise<void> {
    if (this.delayMs > 0) await wait(this.delayMs);
    while (this.isStalled) await wait(5);
    const pieces = trickleMs > 0 ? [...chunk].map((byte) => Buffer.from([byte])) : [chunk];
    for (const piece of pieces) {
      if (trickleMs > 0) await wait(trickleMs);
      if (!this.isDeaf && to.writable) to.write(piece);
    }
  }
}

function wait(delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, delayMs);
  });
}
