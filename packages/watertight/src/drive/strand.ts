import { connect, type Socket } from 'node:net';
import { clearTimeout, setImmediate, setTimeout } from 'node:timers';
import { Brake } from './brake.ts';
import { Lane, type Pace } from './lane.ts';
import { LettingGo, type LetGo } from './letting-go.ts';
import { resetSocket } from './reset-socket.ts';
import { tlsOver, type Upstream } from './upstream.ts';

/** How long a stalled strand reads again to see whether a FIN or reset waits behind the unread bytes. */
const LOOK_MS = 50;
/** The look goes on while bytes still come, this many times at most: megabytes may stand before the FIN. */
const LOOKS_COUNT = 5;
/** How long an ending waits at most for bytes the client has written before it; a server that does not read holds them for ever. */
const FLUSH_MS = 100;
const END_OF_HEAD = '\r\n\r\n';

/** Sees what passes through a strand. */
export interface Watcher {
  /** A chunk of the client was handed to the connection to the server. */
  clientSent?(strand: Strand, chunk: Buffer): void;
  /** A chunk of the server has come; it is passed on afterwards unless the strand withholds the server's bytes by then. */
  serverSent?(strand: Strand, chunk: Buffer): void;
}

/** What a strand does from its first byte on. */
export interface StrandModes {
  readonly hold: boolean;
  readonly deaf: boolean;
  readonly stalled: boolean;
}

/**
 * One connection through the faulty wire: the client's side, the server's side, and what is done to the bytes between them.
 * Every method is safe in every state; `dispose()` leaves no handle and no timer.
 */
export class Strand {
  readonly whenReady: Promise<void>;
  readonly #inner: Socket;
  /** The TCP connection to the server: what can be reset. */
  readonly #tcp: Socket;
  /** What is written to and read from: TLS above the TCP connection, or the connection itself. */
  readonly #upstream: Socket;
  readonly #to: Upstream;
  readonly #watcher: Watcher;
  readonly #letGo = new LettingGo();
  readonly #clientBrake: Brake;
  readonly #serverBrake: Brake;
  readonly #up: Lane;
  readonly #down: Lane;
  readonly #closings: Promise<unknown>[] = [];
  #ready: () => void = () => undefined;
  #held: Buffer[] | undefined;
  #connected = false;
  #deaf: boolean;
  #muted = false;
  #withheld = false;
  #stalled: boolean;
  #looking = false;
  #disposed = false;
  #failure: string | undefined;
  #upstreamPort = 0;
  #onFlow: (() => void) | undefined;

  constructor(inner: Socket, to: Upstream, modes: StrandModes, watcher: Watcher) {
    this.whenReady = new Promise((resolve) => (this.#ready = resolve));
    this.#to = to;
    this.#watcher = watcher;
    this.#held = modes.hold ? [] : undefined;
    this.#deaf = modes.deaf;
    this.#stalled = modes.stalled;
    this.#inner = this.#keep(inner);
    const { host, port } = to.road?.at ?? to;
    this.#tcp = this.#keep(connect({ host, port, allowHalfOpen: true, noDelay: true }));
    this.#upstream = to.secure ? this.#keep(tlsOver(this.#tcp, to)) : this.#tcp;
    this.#clientBrake = new Brake(this.#inner);
    this.#serverBrake = new Brake(this.#upstream);
    this.#up = this.#readClient();
    this.#down = this.#readServer();
    if (this.#stalled) this.#serverBrake.hold('stall');
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

  /** Resolves when every handle of it is closed, whoever closed them. */
  get whenClosed(): Promise<unknown> {
    return Promise.all(this.#closings);
  }

  /** Slows the client's bytes (`up`), and those of the server (`down`). */
  setPace(up: Pace, down: Pace): void {
    this.#up.setPace(up);
    this.#down.setPace(down);
  }

  /** Puts what was held on the wire, in this very stretch of code, and holds nothing from now on. With bytes of our own behind it, all goes in one piece. */
  release(behind?: Uint8Array): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    if (behind !== undefined) this.#forward(Buffer.concat([...held, behind]));
    else for (const chunk of held) this.#forward(chunk);
  }

  /** Keeps the client's bytes back again, until the next `release()`. */
  holdBack(): void {
    this.#held ??= [];
  }

  /**
   * Resolves when everything the client has written was handed to the connection to the server; at most 100 ms after a slow lane has
   * let it through. `writtenBytes` says how much that is; without it, what stands in the kernel after two turns of the loop counts as all.
   */
  async flushed(writtenBytes?: () => number): Promise<void> {
    if (writtenBytes === undefined) await twoTurns();
    const upTo = this.#up.takenCount;
    const isInVain = (): boolean => this.#held !== undefined || this.#deaf || this.#upstream.destroyed;
    const isThrough = (): boolean => isInVain() || this.#up.hasDelivered(upTo);
    const isFlushed = (): boolean =>
      isInVain() ||
      (isThrough() && this.#inner.bytesRead >= (writtenBytes?.() ?? 0) && this.#upstream.writableLength === 0);
    if (isFlushed()) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#onFlow = undefined;
        resolve();
      };
      let timer = setTimeout(function late() {
        if (isThrough()) done();
        else timer = setTimeout(late, FLUSH_MS);
      }, FLUSH_MS);
      this.#onFlow = () => {
        if (isFlushed()) done();
      };
    });
  }

  /** Half-closes the connection to the server (FIN) and goes on reading. */
  async halfClose(): Promise<void> {
    const upstream = this.#upstream;
    if (upstream.destroyed || upstream.writableEnded) return;
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
    resetSocket(this.#tcp);
    this.#letGo.giveUp();
    this.#inner.destroy();
  }

  /** Writes bytes of our own to the server. Call `flushed()` first, or they may land inside a frame. */
  inject(bytes: Uint8Array): void {
    this.#forward(bytes);
  }

  /** Drops what the client says from now on: nothing of it may land inside or behind what was injected. */
  mute(): void {
    this.#muted = true;
  }

  /** Passes nothing of the server on to the client any more. */
  withhold(): void {
    this.#withheld = true;
  }

  /** Reads and drops both directions from now on and passes no FIN on. */
  goDeaf(): void {
    this.#deaf = true;
    this.#inner.resume();
    if (!this.#stalled) this.#upstream.resume();
    this.#onFlow?.();
  }

  /** Stops reading from the server; its buffers fill up. */
  stall(): void {
    this.#stalled = true;
    this.#serverBrake.hold('stall');
  }

  /** Reads on after a stall; what was held back comes first. */
  resume(): void {
    this.#stalled = false;
    this.#serverBrake.release('stall');
  }

  /**
   * How the server let go, or `undefined` at the deadline, or at once when our own reset made it invisible. A stalled strand
   * cannot see it while it does not read: it looks at the deadline, for 50 ms (up to 250 ms while bytes
   * still come), drops what it reads, and stalls again. `atMs` is then the time of the look, not of the letting go.
   */
  async gone(deadlineMs: number): Promise<LetGo | undefined> {
    const seen = await this.#letGo.wait(deadlineMs);
    if (seen || !this.#stalled || this.#disposed) return seen;
    this.#looking = true;
    this.#upstream.resume();
    let found: LetGo | undefined;
    let readBytes = -1;
    for (let look = 0; look < LOOKS_COUNT && !found && readBytes !== this.#tcp.bytesRead; look += 1) {
      readBytes = this.#tcp.bytesRead;
      found = await this.#letGo.wait(LOOK_MS);
    }
    this.#looking = false;
    if (!found) this.#upstream.pause();
    return found;
  }

  /** Destroys both sides; resolves when every handle is closed. Idempotent. */
  async dispose(): Promise<void> {
    this.#disposed = true;
    this.#letGo.giveUp();
    this.#ready();
    this.#up.dispose();
    this.#down.dispose();
    for (const socket of [this.#inner, this.#upstream, this.#tcp]) socket.destroy();
    this.#onFlow?.();
    await Promise.all(this.#closings);
  }

  #keep(socket: Socket): Socket {
    this.#closings.push(new Promise((resolve) => socket.once('close', resolve)));
    // A broken connection is an observation here, never an error of ours.
    socket.on('error', () => undefined);
    return socket;
  }

  #readClient(): Lane {
    const inner = this.#inner;
    const upstream = this.#upstream;
    const brake = this.#clientBrake;
    const deliver = (chunk: Buffer): void => {
      if (this.#deaf || this.#muted) return;
      if (!this.#forward(chunk)) brake.holdUntilDrained(upstream);
      this.#watcher.clientSent?.(this, chunk);
    };
    const lane = new Lane({ deliver, onFull: () => brake.hold('lane'), onRoom: () => brake.release('lane') });
    const endUpstream = (): void => void upstream.end();
    inner.on('data', (chunk: Buffer) => {
      if (this.#held) {
        this.#held.push(chunk);
        this.#checkReady();
      } else lane.push(chunk);
      this.#onFlow?.();
    });
    inner.on('end', () => {
      if (!this.#deaf && !this.#held && !this.#muted) lane.finish(endUpstream);
    });
    inner.on('close', () => {
      if (!this.#deaf && !this.#stalled && !this.#muted && !upstream.writableEnded) lane.finish(endUpstream);
      this.#onFlow?.();
    });
    return lane;
  }

  #readServer(): Lane {
    const inner = this.#inner;
    const upstream = this.#upstream;
    const brake = this.#serverBrake;
    const deliver = (chunk: Buffer): void => {
      if (this.#deaf || this.#looking || inner.destroyed || inner.writableEnded) return;
      this.#watcher.serverSent?.(this, chunk);
      if (!this.#withheld && !inner.write(chunk)) brake.holdUntilDrained(inner);
    };
    const lane = new Lane({ deliver, onFull: () => brake.hold('lane'), onRoom: () => brake.release('lane') });
    this.#tcp.on('connect', () => (this.#upstreamPort = this.#tcp.localPort ?? 0));
    upstream.on(this.#to.secure ? 'secureConnect' : 'connect', () => {
      this.#connected = true;
      this.#checkReady();
    });
    upstream.on('data', (chunk: Buffer) => lane.push(chunk));
    upstream.on('drain', () => this.#onFlow?.());
    upstream.on('end', () => {
      this.#letGo.mark('fin');
      lane.finish(() => {
        if (!this.#deaf) inner.end();
      });
    });
    upstream.on('error', (error: NodeJS.ErrnoException) => {
      this.#failure ??= this.#connected
        ? `the server reset the connection (${error.code ?? error.message})`
        : `no connection to ${this.#to.host}:${this.#to.port} (${error.code ?? error.message})`;
      if (this.#connected) this.#letGo.mark('rst');
      if (!this.#deaf) resetSocket(inner);
    });
    upstream.on('close', () => {
      this.#letGo.giveUp();
      this.#ready();
      this.#onFlow?.();
    });
    return lane;
  }

  #checkReady(): void {
    if (!this.#connected) return;
    if (!this.#held || Buffer.concat(this.#held).includes(END_OF_HEAD)) this.#ready();
  }

  #forward(chunk: Uint8Array): boolean {
    const upstream = this.#upstream;
    if (upstream.destroyed || upstream.writableEnded) return true;
    return upstream.write(chunk, () => this.#onFlow?.());
  }
}

/** What a client in this process has written synchronously stands in the kernel, and is read within two turns of the loop. */
async function twoTurns(): Promise<void> {
  for (let turn = 0; turn < 2; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
