import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import { Strand, type Watcher } from './strand.ts';
import type { Upstream } from './upstream.ts';

export interface WireOptions {
  /** Keeps the clients' bytes back until `release()`, so that many requests can leave together. */
  readonly hold?: boolean;
  /** How many connections it takes before it listens no more. Default: any number. */
  readonly maxConnections?: number;
  readonly watcher?: Watcher;
  /** Called for every connection that a client opens. */
  readonly onStrand?: (strand: Strand) => void;
}

/**
 * The faulty wire: a TCP relay on 127.0.0.1 to one server. No protocol client can be made to reset, vanish or stall; the wire
 * under it can. What is done to the wire is done to all its connections, later ones included.
 */
export class Wire {
  readonly strands: Strand[] = [];
  readonly #server: Server;
  readonly #to: Upstream;
  readonly #options: WireOptions;
  readonly #closed: Promise<unknown>;
  #hold: boolean;
  #deaf = false;
  #stalled = false;
  #severed = false;

  /** @internal Use {@link openWire}. */
  constructor(server: Server, to: Upstream, options: WireOptions) {
    this.#server = server;
    this.#to = to;
    this.#options = options;
    this.#hold = options.hold ?? false;
    this.#closed = new Promise((resolve) => server.once('close', resolve));
    server.on('connection', (socket) => this.#accept(socket));
  }

  /** Where clients connect on 127.0.0.1. */
  get port(): number {
    return (this.#server.address() as AddressInfo | null)?.port ?? 0;
  }

  release(behind?: Uint8Array): void {
    this.#hold = false;
    for (const strand of this.strands) strand.release(behind);
  }

  goDeaf(): void {
    this.#deaf = true;
    for (const strand of this.strands) strand.goDeaf();
  }

  stall(): void {
    this.#stalled = true;
    for (const strand of this.strands) strand.stall();
  }

  resume(): void {
    this.#stalled = false;
    for (const strand of this.strands) strand.resume();
  }

  /** Resets every connection, in this very stretch of code, and takes no more. */
  reset(): void {
    this.sever();
    for (const strand of this.strands) strand.reset();
  }

  /** Takes no more connections. */
  sever(): void {
    this.#severed = true;
    if (this.#server.listening) this.#server.close();
  }

  /** Destroys everything; resolves when every handle is closed. Idempotent. */
  async dispose(): Promise<void> {
    this.sever();
    await Promise.all([this.#closed, ...this.strands.map(async (strand) => await strand.dispose())]);
  }

  #accept(inner: Socket): void {
    if (this.#severed) {
      inner.destroy();
      return;
    }
    const modes = { hold: this.#hold, deaf: this.#deaf, stalled: this.#stalled };
    const strand = new Strand(inner, this.#to, modes, this.#options.watcher ?? {});
    this.strands.push(strand);
    if (this.strands.length === this.#options.maxConnections) this.sever();
    this.#options.onStrand?.(strand);
  }
}

/** Opens a wire to a server, on a free port of 127.0.0.1. */
export async function openWire(to: Upstream, options: WireOptions = {}): Promise<Wire> {
  const server = createServer({ allowHalfOpen: true, noDelay: true });
  const wire = new Wire(server, to, options);
  server.listen({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  return wire;
}
