import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import { LettingGo, type LetGo } from './letting-go.ts';

/** How long a stalled line reads again to see whether a FIN or reset waits behind the unread bytes. */
const LOOK_MS = 50;
/** The look goes on while bytes still come, this many times at most: megabytes may stand before the FIN. */
const LOOKS_COUNT = 5;
/** How long an ending waits at most for bytes the client has written before it; a server that does not read holds them for ever. */
const FLUSH_MS = 100;
const END_OF_HEAD = '\r\n\r\n';

export interface LineOptions {
  /** Keeps the client's bytes back until `release()`, so that many requests can leave together. */
  readonly hold?: boolean;
}

/**
 * The faulty wire: a TCP relay on 127.0.0.1 for exactly one client. No protocol client can be made to reset, vanish or
 * stall; the wire under it can. Every method is safe in every state; `dispose()` leaves no handle and no timer.
 */
export class Line {
  readonly #server: Server;
  readonly #host: string;
  readonly #port: number;
  readonly #letGo = new LettingGo();
  readonly #closings: Promise<unknown>[] = [];
  readonly #whenReady: Promise<void>;
  #ready: () => void = () => undefined;
  #outer: Socket | undefined;
  #inner: Socket | undefined;
  #upstream: Socket | undefined;
  #held: Buffer[] | undefined;
  #connected = false;
  #deaf = false;
  #stalled = false;
  #looking = false;
  #disposed = false;
  #failure: string | undefined;
  #upstreamPort = 0;
  #onFlow: (() => void) | undefined;

  /** @internal Use {@link openLine}. */
  constructor(server: Server, host: string, port: number, options: LineOptions) {
    this.#server = server;
    this.#host = host;
    this.#port = port;
    this.#held = options.hold ? [] : undefined;
    this.#whenReady = new Promise((resolve) => (this.#ready = resolve));
    server.once('connection', (socket) => this.#accept(socket));
  }

  /** Where the client connects on 127.0.0.1. */
  get port(): number {
    return (this.#server.address() as AddressInfo | null)?.port ?? 0;
  }

  /** The local port of the connection to the server: the server's remote port. 0 before it is connected. */
  get upstreamPort(): number {
    return this.#upstreamPort;
  }

  /** Why there is no connection to the server, or why it broke. */
  get failure(): string | undefined {
    return this.#failure;
  }

  get letGo(): LetGo | undefined {
    return this.#letGo.seen;
  }

  /** Resolves when the upstream is connected and, on a holding line, a whole request head is held; also when that failed. */
  get whenReady(): Promise<void> {
    return this.#whenReady;
  }

  /** Opens the client's side. */
  dial(): Socket {
    const socket = connect({ port: this.port, host: '127.0.0.1', noDelay: true });
    this.#outer = this.#keep(socket);
    return socket;
  }

  /** Puts what was held on the wire, in this very stretch of code, and holds nothing from now on. */
  release(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const chunk of held) this.#forward(chunk);
  }

  /** Resolves when everything the client has written was handed to the connection to the server; at most 100 ms. */
  async flushed(): Promise<void> {
    const isFlushed = (): boolean =>
      this.#held !== undefined ||
      this.#deaf ||
      !this.#outer ||
      !this.#upstream ||
      this.#upstream.destroyed ||
      ((this.#inner?.bytesRead ?? 0) >= this.#outer.bytesWritten && this.#upstream.writableLength === 0);
    if (isFlushed()) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#onFlow = undefined;
        resolve();
      };
      const timer = setTimeout(done, FLUSH_MS);
      this.#onFlow = () => {
        if (isFlushed()) done();
      };
    });
  }

  /** Half-closes the connection to the server (FIN) and goes on reading. */
  async halfClose(): Promise<void> {
    const upstream = this.#upstream;
    if (!upstream || upstream.destroyed || upstream.writableEnded) return;
    await new Promise<void>((resolve) => {
      upstream.once('close', resolve);
      upstream.end(() => {
        upstream.off('close', resolve);
        resolve();
      });
    });
  }

  /** Resets the connection to the server. Nothing can be seen of the server's side after that. */
  reset(): void {
    this.#upstream?.resetAndDestroy();
    this.#letGo.giveUp();
    this.#inner?.destroy();
  }

  /** Writes bytes of our own to the server. Call `flushed()` first, or they may land inside a frame. */
  inject(bytes: Uint8Array): void {
    this.#forward(bytes);
  }

  /** Reads and drops both directions from now on and passes no FIN on. */
  goDeaf(): void {
    this.#deaf = true;
    this.#inner?.resume();
    if (!this.#stalled) this.#upstream?.resume();
    this.#onFlow?.();
  }

  /** Stops reading from the server; its buffers fill up. */
  stall(): void {
    this.#stalled = true;
    this.#upstream?.pause();
  }

  /** Reads on after a stall; what was held back comes first. */
  resume(): void {
    if (!this.#stalled) return;
    this.#stalled = false;
    this.#upstream?.resume();
  }

  /**
   * How the server let go, or `undefined` at the deadline, or at once when our own reset made it invisible. A stalled line
   * cannot see it while it does not read: it looks at the deadline, for 50 ms (up to 250 ms while bytes
   * still come), drops what it reads, and stalls again. `atMs` is then the time of the look, not of the letting go.
   */
  async gone(deadlineMs: number): Promise<LetGo | undefined> {
    const seen = await this.#letGo.wait(deadlineMs);
    if (seen || !this.#stalled || this.#disposed) return seen;
    this.#looking = true;
    this.#upstream?.resume();
    let found: LetGo | undefined;
    let readBytes = -1;
    for (let look = 0; look < LOOKS_COUNT && !found && readBytes !== this.#upstream?.bytesRead; look += 1) {
      readBytes = this.#upstream?.bytesRead ?? 0;
      found = await this.#letGo.wait(LOOK_MS);
    }
    this.#looking = false;
    if (!found) this.#upstream?.pause();
    return found;
  }

  /** Destroys both sides; resolves when every handle is closed. Idempotent. */
  async dispose(): Promise<void> {
    this.#disposed = true;
    this.#letGo.giveUp();
    this.#ready();
    this.#onFlow?.();
    if (this.#server.listening) this.#server.close();
    for (const socket of [this.#outer, this.#inner, this.#upstream]) socket?.destroy();
    await Promise.all(this.#closings);
  }

  #keep(socket: Socket): Socket {
    this.#closings.push(new Promise((resolve) => socket.once('close', resolve)));
    // A broken connection is an observation here, never an error of ours.
    socket.on('error', () => undefined);
    return socket;
  }

  #accept(inner: Socket): void {
    this.#server.close();
    if (this.#disposed) {
      inner.destroy();
      return;
    }
    this.#inner = this.#keep(inner);
    const upstream = connect({ host: this.#host, port: this.#port, allowHalfOpen: true, noDelay: true });
    this.#upstream = this.#keep(upstream);
    this.#readClient(inner, upstream);
    this.#readServer(inner, upstream);
  }

  #readClient(inner: Socket, upstream: Socket): void {
    inner.on('data', (chunk: Buffer) => {
      if (this.#held) {
        this.#held.push(chunk);
        this.#checkReady();
      } else if (!this.#deaf && !this.#forward(chunk)) {
        inner.pause();
        upstream.once('drain', () => inner.resume());
      }
      this.#onFlow?.();
    });
    inner.on('end', () => {
      if (!this.#deaf && !this.#held) upstream.end();
    });
    inner.on('close', () => {
      if (!this.#deaf && !this.#stalled && !upstream.writableEnded) upstream.end();
      this.#onFlow?.();
    });
  }

  #readServer(inner: Socket, upstream: Socket): void {
    upstream.on('connect', () => {
      this.#connected = true;
      this.#upstreamPort = upstream.localPort ?? 0;
      this.#checkReady();
    });
    upstream.on('data', (chunk: Buffer) => {
      if (this.#deaf || this.#looking || inner.destroyed || inner.writableEnded) return;
      if (inner.write(chunk)) return;
      upstream.pause();
      inner.once('drain', () => {
        if (!this.#stalled) upstream.resume();
      });
    });
    upstream.on('drain', () => this.#onFlow?.());
    upstream.on('end', () => {
      this.#letGo.mark('fin');
      if (!this.#deaf) inner.end();
    });
    upstream.on('error', (error: NodeJS.ErrnoException) => {
      this.#failure ??= this.#connected
        ? `the server reset the connection (${error.code ?? error.message})`
        : `no connection to ${this.#host}:${this.#port} (${error.code ?? error.message})`;
      if (this.#connected) this.#letGo.mark('rst');
      if (!this.#deaf) inner.resetAndDestroy();
    });
    upstream.on('close', () => {
      this.#letGo.giveUp();
      this.#ready();
      this.#onFlow?.();
    });
  }

  #checkReady(): void {
    if (!this.#connected) return;
    if (!this.#held || Buffer.concat(this.#held).includes(END_OF_HEAD)) this.#ready();
  }

  #forward(chunk: Uint8Array): boolean {
    const upstream = this.#upstream;
    if (!upstream || upstream.destroyed || upstream.writableEnded) return true;
    return upstream.write(chunk, () => this.#onFlow?.());
  }
}

/** Opens a line to a server. Listens on a free port of 127.0.0.1, accepts one client, and then listens no more. */
export async function openLine(host: string, port: number, options: LineOptions = {}): Promise<Line> {
  const server = createServer({ allowHalfOpen: true, noDelay: true });
  const line = new Line(server, host, port, options);
  server.listen({ port: 0, host: '127.0.0.1', backlog: 1 });
  await once(server, 'listening');
  return line;
}
