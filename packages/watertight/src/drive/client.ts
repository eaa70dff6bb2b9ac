import { randomBytes } from 'node:crypto';
import { WebSocket } from 'ws';
import { carryOut, type Layers } from './endings.ts';
import { bulkText } from './frames.ts';
import type { LetGo } from './letting-go.ts';
import type { PlainSpeech, SpokenRefusal } from './recipes/types.ts';
import type { Client, Ending } from './types.ts';

interface Taker {
  readonly resolve: (frame: string | Uint8Array) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

/** One client life. Listens from before the handshake, so no frame and no error is missed. */
export class WireClient implements Client {
  readonly user: string;
  readonly received: (string | Uint8Array)[] = [];
  readonly #layers: Layers;
  readonly #speech: PlainSpeech | undefined;
  readonly #onDispose: () => void;
  readonly #takers = new Set<Taker>();
  #takenCount = 0;
  #ended = false;
  #answersPings = true;
  #closed: { readonly code: number; readonly reason: string } | undefined;

  constructor(user: string, layers: Layers, speech: PlainSpeech | undefined, onDispose: () => void) {
    this.user = user;
    this.#layers = layers;
    this.#speech = speech;
    this.#onDispose = onDispose;
    layers.socket.on('message', (data, isBinary) => this.#receive(data as Buffer, isBinary));
    layers.socket.on('close', (code, reason) => this.#onClose(code, reason.toString()));
    layers.socket.on('ping', (data) => {
      if (this.#answersPings) layers.socket.pong(data, undefined, () => undefined);
    });
  }

  get state(): 'open' | 'ended' {
    return this.#ended || this.#layers.line.letGo ? 'ended' : 'open';
  }

  get localPort(): number {
    return this.#layers.line.upstreamPort;
  }

  get closedByServer(): { readonly code: number; readonly reason: string } | undefined {
    return this.#closed;
  }

  next(deadlineMs: number): Promise<string | Uint8Array> {
    const waiting = this.received[this.#takenCount];
    if (waiting !== undefined) {
      this.#takenCount += 1;
      return Promise.resolve(waiting);
    }
    if (this.#layers.socket.readyState === WebSocket.CLOSED)
      return Promise.reject(this.#noFrame('the connection is closed'));
    return new Promise((resolve, reject) => {
      const taker: Taker = {
        resolve,
        reject,
        timer: setTimeout(() => {
          this.#takers.delete(taker);
          reject(this.#noFrame(`none came within ${deadlineMs} ms`));
        }, deadlineMs),
      };
      this.#takers.add(taker);
    });
  }

  send(data: string | Uint8Array): void {
    this.#write(typeof data === 'string' && this.#speech !== undefined ? this.#speech.say(data) : data);
  }

  sendBulk(text: string, count: number): void {
    const { socket, transport } = this.#layers;
    if (this.#speech !== undefined) for (let sent = 0; sent < count; sent += 1) this.send(text);
    else if (socket.readyState === WebSocket.OPEN && transport.writable) {
      const frame = bulkText(text);
      for (let sent = 0; sent < count; sent += 1) transport.write(frame);
    }
  }

  /**
   * Says the first words as they are and, where the protocol has an answer to them, waits for it, for the end or the deadline.
   * Answers how the server refused, if it did so in words.
   */
  async greet(greeting: string, deadlineMs: number): Promise<SpokenRefusal | undefined> {
    this.#write(greeting);
    const speech = this.#speech;
    if (speech === undefined) return undefined;
    const deadlineAtMs = performance.now() + deadlineMs;
    for (let leftMs = deadlineMs; leftMs > 0; leftMs = deadlineAtMs - performance.now()) {
      const frame = await this.next(leftMs).catch(() => undefined);
      if (frame === undefined) return undefined;
      const text = textOf(frame);
      const refusal = speech.refusal?.(text);
      if (refusal !== undefined || speech.isWelcome(text)) return refusal;
    }
    return undefined;
  }

  #write(data: string | Uint8Array): void {
    // A send into a connection that just broke is part of the game; `gone()` tells what became of it.
    if (this.#layers.socket.readyState === WebSocket.OPEN) this.#layers.socket.send(data, () => undefined);
  }

  ping(deadlineMs: number): Promise<boolean> {
    const { socket } = this.#layers;
    if (socket.readyState !== WebSocket.OPEN) return Promise.resolve(false);
    const mark = randomBytes(8);
    const answered = this.pong(mark, deadlineMs);
    socket.ping(mark, undefined, () => undefined);
    return answered;
  }

  /** Whether a pong with this payload comes before the connection closes and the deadline passes. */
  pong(mark: Buffer, deadlineMs: number): Promise<boolean> {
    const { socket } = this.#layers;
    return new Promise((resolve) => {
      const settle = (answered: boolean): void => {
        clearTimeout(timer);
        socket.off('pong', onPong);
        socket.off('close', onClose);
        resolve(answered);
      };
      const onPong = (payload: Buffer): void => {
        if (payload.equals(mark)) settle(true);
      };
      const onClose = (): void => settle(false);
      const timer = setTimeout(() => settle(false), deadlineMs);
      socket.on('pong', onPong);
      socket.on('close', onClose);
    });
  }

  vanish(): void {
    this.#ended = true;
    this.#layers.line.goDeaf();
  }

  stall(): void {
    this.#ended = true;
    this.#layers.line.stall();
  }

  resume(): void {
    this.#ended = false;
    this.#layers.line.resume();
  }

  ignorePings(): void {
    this.#answersPings = false;
  }

  answerPings(): void {
    this.#answersPings = true;
  }

  end(ending: Ending): Promise<number> {
    if (ending !== 'abort-in-upgrade') this.#ended = true;
    return carryOut(ending, this.#layers);
  }

  async sayGoodbye(): Promise<number> {
    const atMs = await this.end('close-frame');
    this.#layers.line.goDeaf();
    return atMs;
  }

  gone(deadlineMs: number): Promise<LetGo | undefined> {
    return this.#layers.line.gone(deadlineMs);
  }

  dispose(): void {
    this.#ended = true;
    this.#onDispose();
  }

  #receive(data: Buffer, isBinary: boolean): void {
    const frame = isBinary ? new Uint8Array(data) : data.toString();
    this.received.push(frame);
    if (!isBinary && this.#answersPings) {
      const reply = this.#speech?.reply?.(data.toString());
      if (reply !== undefined) this.#write(reply);
    }
    const [taker] = this.#takers;
    if (!taker) return;
    this.#takers.delete(taker);
    clearTimeout(taker.timer);
    this.#takenCount += 1;
    taker.resolve(frame);
  }

  #onClose(code: number, reason: string): void {
    this.#ended = true;
    // 1006 never travels: it says that no close frame came.
    if (code !== 1006) this.#closed = { code, reason };
    for (const taker of this.#takers) {
      clearTimeout(taker.timer);
      taker.reject(this.#noFrame(`the connection closed (${code})`));
    }
    this.#takers.clear();
  }

  #noFrame(why: string): Error {
    return new Error(`no frame for ${this.user}: ${why}`);
  }
}

/** What is text in a frame of either kind. */
export function textOf(frame: string | Uint8Array): string {
  return typeof frame === 'string' ? frame : Buffer.from(frame).toString();
}
