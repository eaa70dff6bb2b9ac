import { connect, type Socket } from 'node:net';
import type { LetGo } from './letting-go.ts';
import type { Strand } from './strand.ts';
import { openWire, type Wire } from './wire.ts';

export interface LineOptions {
  /** Keeps the client's bytes back until `release()`, so that many requests can leave together. */
  readonly hold?: boolean;
}

/** A wire with exactly one client, who is dialled here. Every method is safe in every state; `dispose()` leaves no handle and no timer. */
export class Line {
  /** Resolves when the upstream is connected and, on a holding line, a whole request head is held; also when that failed. */
  readonly whenReady: Promise<void>;
  readonly #wire: Wire;
  readonly #ready: () => void;
  #outer: Socket | undefined;
  #outerClosed: Promise<unknown> | undefined;

  /** @internal Use {@link openLine}. */
  constructor(wire: Wire, whenReady: Promise<void>, ready: () => void) {
    this.#wire = wire;
    this.whenReady = whenReady;
    this.#ready = ready;
  }

  /** The local port of the connection to the server: the server's remote port. 0 before it is connected. */
  get upstreamPort(): number {
    return this.#strand?.upstreamPort ?? 0;
  }

  /** Why there is no connection to the server, or why it broke. */
  get failure(): string | undefined {
    return this.#strand?.failure;
  }

  get letGo(): LetGo | undefined {
    return this.#strand?.letGo;
  }

  /** Opens the client's side. */
  dial(): Socket {
    const socket = connect({ port: this.#wire.port, host: '127.0.0.1', noDelay: true });
    this.#outer = socket;
    this.#outerClosed = new Promise((resolve) => socket.once('close', resolve));
    // A broken connection is an observation here, never an error of ours.
    socket.on('error', () => undefined);
    return socket;
  }

  /** Puts what was held on the wire, in this very stretch of code, in one piece with bytes of our own behind it if there are any, and holds nothing from now on. */
  release(behind?: Uint8Array): void {
    this.#wire.release(behind);
  }

  /** Keeps the client's bytes back again, until the next `release()`. */
  holdBack(): void {
    this.#strand?.holdBack();
  }

  /** Writes bytes of our own to the server. */
  inject(bytes: Uint8Array): void {
    this.#strand?.inject(bytes);
  }

  /** Resolves when everything the client has written was handed to the connection to the server; at most 100 ms. */
  async flushed(): Promise<void> {
    await this.#strand?.flushed(() => this.#outer?.bytesWritten ?? 0);
  }

  /** Half-closes the connection to the server (FIN) and goes on reading. */
  async halfClose(): Promise<void> {
    await this.#strand?.halfClose();
  }

  /** Resets the connection to the server. Nothing can be seen of the server's side after that. */
  reset(): void {
    this.#wire.reset();
  }

  /** Reads and drops both directions from now on and passes no FIN on. */
  goDeaf(): void {
    this.#wire.goDeaf();
  }

  /** Stops reading from the server; its buffers fill up. */
  stall(): void {
    this.#wire.stall();
  }

  /** Reads on after a stall; what was held back comes first. */
  resume(): void {
    this.#wire.resume();
  }

  /** How the server let go, see {@link Strand.gone}. */
  async gone(deadlineMs: number): Promise<LetGo | undefined> {
    return await this.#strand?.gone(deadlineMs);
  }

  /** Destroys both sides; resolves when every handle is closed. Idempotent. */
  async dispose(): Promise<void> {
    this.#ready();
    this.#outer?.destroy();
    await Promise.all([this.#outerClosed, this.#wire.dispose()]);
  }

  get #strand(): Strand | undefined {
    return this.#wire.strands[0];
  }
}

/** Opens a line to a server. Listens on a free port of 127.0.0.1, accepts one client, and then listens no more. */
export async function openLine(host: string, port: number, options: LineOptions = {}): Promise<Line> {
  let ready: () => void = () => undefined;
  const whenReady = new Promise<void>((resolve) => (ready = resolve));
  const onStrand = (strand: Strand): void => void strand.whenReady.then(ready);
  const wire = await openWire({ host, port }, { hold: options.hold ?? false, maxConnections: 1, onStrand });
  return new Line(wire, whenReady, ready);
}
