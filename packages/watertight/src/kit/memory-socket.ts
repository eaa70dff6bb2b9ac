import { Socket } from 'node:net';
import { clearTimeout, setImmediate, setTimeout } from 'node:timers';
import { connectionError, type ConnectionErrorCode } from './connection-error.ts';
import { MemoryWay } from './memory-way.ts';

/** As much waits for a reader as systems usually let wait. */
const ROOM_BYTES = 64 * 1024;
const HOST = '127.0.0.1';

export interface MemorySocketOptions {
  readonly localPort: number;
  readonly remotePort: number;
  readonly isConnecting: boolean;
  readonly allowHalfOpen: boolean;
}

type Done = (error?: Error | null) => void;

/**
 * One end of a connection in memory. It is a `net.Socket` without a handle: states, order, back pressure, half-closing, resets and
 * errors are those of a connection over TCP. Made by {@link socketPair} and {@link connectInMemory}.
 */
export class MemorySocket extends Socket {
  override bytesRead = 0;
  override bytesWritten = 0;
  override connecting: boolean;
  /** As with a socket of the system: before there is a connection, and when there is none any more. */
  override pending: boolean;
  override timeout = 0;
  override readonly localAddress: string = HOST;
  override readonly localFamily: string = 'IPv4';
  override readonly localPort: number;
  override readonly remoteAddress: string = HOST;
  override readonly remoteFamily: string = 'IPv4';
  override readonly remotePort: number;
  #way: MemoryWay | undefined;
  #peer: MemorySocket | undefined;
  #isWanted = false;
  /** The server has taken it; the client may not know yet. */
  #isTaken: boolean;
  #isReset = false;
  #isResetByPeer = false;
  #hasFinSent = false;
  #hasFinArrived = false;
  readonly #unread: Buffer[] = [];
  /** Bytes of ours that the peer has not taken. */
  #untakenBytes = 0;
  #waitingWrite: (() => void) | undefined;
  #onConnected: (() => void)[] = [];
  #idle: NodeJS.Timeout | undefined;

  /** @internal */
  constructor({ localPort, remotePort, isConnecting, allowHalfOpen }: MemorySocketOptions) {
    super({ allowHalfOpen });
    this.localPort = localPort;
    this.remotePort = remotePort;
    this.connecting = isConnecting;
    this.pending = isConnecting;
    this.#isTaken = !isConnecting;
    // What is given several chunks at once gets them one by one.
    Object.assign(this, { _writev: null });
  }

  /** The other end. */
  get peer(): MemorySocket {
    if (this.#peer === undefined) throw new Error('this end of a connection in memory has no other end');
    return this.#peer;
  }

  /** Pulls the cable: nothing arrives any more either way, and neither end is told. */
  cut(): void {
    this.#way?.cut();
    this.peer.#way?.cut();
  }

  /** @internal Joins two ends. */
  join(peer: MemorySocket, delayMs: number): void {
    this.#peer = peer;
    this.#way = new MemoryWay(delayMs);
  }

  /** @internal The server has taken it: from now on the other end is told when this one goes. */
  taken(): void {
    this.#isTaken = true;
  }

  /** @internal The connection is there; reading begins. */
  connected(): void {
    if (this.destroyed) return;
    const wasConnecting = this.connecting;
    this.connecting = false;
    this.pending = false;
    for (const run of this.#onConnected.splice(0)) run();
    if (wasConnecting) {
      this.emit('connect');
      this.emit('ready');
    }
    this.read(0);
  }

  /** @internal Nobody takes it. */
  refused(code: ConnectionErrorCode): void {
    this.destroy(connectionError(code, 'connect', HOST, this.remotePort));
  }

  override resetAndDestroy(): this {
    this.#isReset = true;
    return this.destroy();
  }

  override setTimeout(timeoutMs: number, onTimeout?: () => void): this {
    if (this.destroyed) return this;
    this.timeout = timeoutMs;
    clearTimeout(this.#idle);
    this.#idle = timeoutMs > 0 ? setTimeout(() => this.emit('timeout'), timeoutMs).unref() : undefined;
    if (onTimeout === undefined) return this;
    return timeoutMs > 0 ? this.once('timeout', onTimeout) : this.off('timeout', onTimeout);
  }

  override setNoDelay(): this {
    return this;
  }

  override setKeepAlive(): this {
    return this;
  }

  override ref(): this {
    return this;
  }

  override unref(): this {
    return this;
  }

  override address(): { address: string; family: string; port: number } {
    return { address: this.localAddress, family: this.localFamily, port: this.localPort };
  }

  override _read(): void {
    this.#isWanted = true;
    if (!this.connecting) this.#handOn();
  }

  override _write(chunk: Buffer | string, encoding: BufferEncoding, done: Done): void {
    // Streams own the buffer only until it is written.
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk, encoding) : Buffer.from(chunk);
    this.#whenConnected(() => this.#put(bytes, done));
  }

  override _final(done: Done): void {
    this.#whenConnected(() => {
      this.#sendFin();
      setImmediate(done);
    });
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    const isUp = this.#isTaken;
    this.connecting = false;
    this.pending = true;
    clearTimeout(this.#idle);
    this.#onConnected = [];
    this.#waitingWrite = undefined;
    // A system resets a connection that is closed while something stands unread.
    if (isUp && !this.#isResetByPeer) {
      if (this.#isReset || this.#unread.length > 0) this.#way?.send(() => this.peer.#arriveReset());
      else this.#sendFin();
    }
    this.#unread.length = 0;
    done(error);
    setImmediate(() => this.emit('close', error !== null));
  }

  #whenConnected(run: () => void): void {
    if (this.connecting) this.#onConnected.push(run);
    else run();
  }

  #put(bytes: Buffer, done: Done): void {
    if (this.#isResetByPeer) {
      done(connectionError(this.#hasFinArrived ? 'EPIPE' : 'ECONNRESET', 'write'));
      return;
    }
    this.bytesWritten += bytes.length;
    this.#untakenBytes += bytes.length;
    this.#touch();
    this.#way?.send(() => this.peer.#arrive(bytes));
    if (this.#untakenBytes <= ROOM_BYTES) setImmediate(done);
    else this.#waitingWrite = () => done();
  }

  #sendFin(): void {
    if (this.#hasFinSent) return;
    this.#hasFinSent = true;
    this.#way?.send(() => this.peer.#arriveFin());
  }

  #arrive(bytes: Buffer): void {
    // Whoever writes to an end that is closed is reset.
    if (this.destroyed) {
      this.#way?.send(() => this.peer.#arriveReset());
      return;
    }
    this.#unread.push(bytes);
    this.#touch();
    this.#handOn();
  }

  #arriveFin(): void {
    this.#hasFinArrived = true;
    this.#handOn();
  }

  #arriveReset(): void {
    if (this.destroyed) return;
    this.#isResetByPeer = true;
    // What was not read is lost.
    this.#unread.length = 0;
    this.#handOn();
  }

  /** Whoever does not read learns of nothing, as with a socket of the system. */
  #handOn(): void {
    if (!this.#isWanted || this.destroyed) return;
    if (this.#isResetByPeer) return void this.destroy(connectionError('ECONNRESET', 'read'));
    for (let chunk = this.#unread.shift(); chunk !== undefined; chunk = this.#unread.shift()) {
      this.bytesRead += chunk.length;
      this.peer.#taken(chunk.length);
      if (!this.push(chunk)) {
        this.#isWanted = false;
        return;
      }
    }
    if (this.#hasFinArrived) {
      this.#isWanted = false;
      this.push(null);
    }
  }

  #taken(countBytes: number): void {
    this.#untakenBytes -= countBytes;
    if (this.#untakenBytes > ROOM_BYTES) return;
    const waiting = this.#waitingWrite;
    this.#waitingWrite = undefined;
    waiting?.();
  }

  /** Traffic puts an idle time-out off. */
  #touch(): void {
    this.#idle?.refresh();
  }
}
