import { randomBytes } from 'node:crypto';
import { WebSocket } from 'ws';
import type { LifeSocket } from './recipes/types.ts';
import { readRefusal, REFUSED, refusedByClose } from './refusal.ts';
import type { Refused } from './types.ts';
import { within } from './within.ts';

const MESSAGE_WAIT_MS = 5_000;
/** A server that does not answer a close frame is not waited for longer than this. */
const CLOSE_WAIT_MS = 1_000;

type Message = string | Uint8Array;

interface Taker {
  readonly take: (message: Message) => boolean;
  readonly fail: (error: Error) => void;
}

/** A connection that the server did not want. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
  readonly refused: Refused;

  constructor(message: string, refused: Refused) {
    super(message);
    this.refused = refused;
  }
}

/** A plain WebSocket as recipes use it. Listens from before the handshake, so no message is missed. */
export class PlainSocket implements LifeSocket {
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  readonly #socket: WebSocket;
  readonly #untaken: Message[] = [];
  readonly #takers = new Set<Taker>();
  #end: string | undefined;

  constructor(socket: WebSocket) {
    this.#socket = socket;
    this.closed = new Promise((resolve) => {
      socket.once('close', (code, reason) => {
        this.#end =
          code === 1006 ? 'the connection broke' : `the server closed with ${code} ${reason.toString()}`.trim();
        for (const taker of this.#takers) taker.fail(new Error(`no message: ${this.#end}`));
        resolve({ code, reason: reason.toString() });
      });
    });
    // What broke is told by `closed`, and by whoever waits.
    socket.on('error', () => undefined);
    socket.on('message', (data, isBinary) => this.#receive(data as Buffer, isBinary));
  }

  get protocol(): string {
    return this.#socket.protocol;
  }

  get isOpen(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  send(data: Message): void {
    if (this.isOpen) this.#socket.send(data, () => undefined);
  }

  sendJson(value: unknown): void {
    this.send(JSON.stringify(value));
  }

  async next(fits: (message: Message) => boolean = () => true, deadlineMs = MESSAGE_WAIT_MS): Promise<Message> {
    return await this.#take((message) => (fits(message) ? { value: message } : undefined), deadlineMs);
  }

  async nextJson<T = unknown>(fits: (message: T) => boolean = () => true, deadlineMs = MESSAGE_WAIT_MS): Promise<T> {
    return await this.#take((message) => {
      const parsed = parseJson(message);
      return parsed !== undefined && fits(parsed.value as T) ? { value: parsed.value as T } : undefined;
    }, deadlineMs);
  }

  async ping(deadlineMs = MESSAGE_WAIT_MS): Promise<boolean> {
    if (!this.isOpen) return false;
    const mark = randomBytes(8);
    let settle: (isAnswered: boolean) => void = () => undefined;
    const answered = new Promise<boolean>((resolve) => (settle = resolve));
    const onPong = (payload: Buffer): void => {
      if (payload.equals(mark)) settle(true);
    };
    const onClose = (): void => settle(false);
    this.#socket.on('pong', onPong);
    this.#socket.on('close', onClose);
    this.#socket.ping(mark, undefined, () => undefined);
    try {
      return (await within(answered, deadlineMs))?.value ?? false;
    } finally {
      this.#socket.off('pong', onPong);
      this.#socket.off('close', onClose);
    }
  }

  async close(code = 1000, reason = ''): Promise<void> {
    this.#socket.close(code, reason);
    if ((await within(this.closed, CLOSE_WAIT_MS)) === undefined) this.terminate();
  }

  terminate(): void {
    this.#socket.terminate();
  }

  /** Resolves when the handshake is done; rejects with {@link RefusedError}. */
  async opened(deadlineMs: number): Promise<void> {
    const outcome = new Promise<void>((resolve, reject) => {
      let failure: string | undefined;
      this.#socket.once('open', resolve);
      this.#socket.on('error', (error) => (failure ??= error.message));
      this.#socket.once('unexpected-response', (_request, response) => {
        void readRefusal(response).then((refused) => {
          reject(new RefusedError(`the server refused the upgrade with HTTP ${refused.httpStatus ?? '?'}`, refused));
          this.#socket.terminate();
        });
      });
      void this.closed.then(({ code, reason }) => {
        const refused = refusedByClose(code, reason, failure);
        reject(new RefusedError(refused.failure ?? `the server closed with ${code}`, refused));
      });
    });
    if ((await within(outcome, deadlineMs)) !== undefined) return;
    outcome.catch(() => undefined);
    this.terminate();
    const failure = `no answer to the upgrade request within ${deadlineMs} ms`;
    throw new RefusedError(failure, { ...REFUSED, failure });
  }

  #receive(data: Buffer, isBinary: boolean): void {
    const message = isBinary ? new Uint8Array(data) : data.toString();
    for (const taker of this.#takers) {
      if (!taker.take(message)) continue;
      this.#takers.delete(taker);
      return;
    }
    this.#untaken.push(message);
  }

  async #take<T>(read: (message: Message) => { readonly value: T } | undefined, deadlineMs: number): Promise<T> {
    for (const [position, message] of this.#untaken.entries()) {
      const found = read(message);
      if (found === undefined) continue;
      this.#untaken.splice(position, 1);
      return found.value;
    }
    if (this.#end !== undefined) throw new Error(`no message: ${this.#end}`);
    let taker: Taker | undefined;
    const taken = new Promise<T>((resolve, reject) => {
      taker = {
        fail: reject,
        take: (message) => {
          try {
            const found = read(message);
            if (found !== undefined) resolve(found.value);
            return found !== undefined;
          } catch (error) {
            // Whoever asks is told, not the socket, which would end the whole run with it.
            reject(error instanceof Error ? error : new Error(String(error)));
            return false;
          }
        },
      };
      this.#takers.add(taker);
    });
    try {
      const message = await within(taken, deadlineMs);
      if (message === undefined) throw new Error(`no message that fits came within ${deadlineMs} ms`);
      return message.value;
    } finally {
      if (taker !== undefined) this.#takers.delete(taker);
    }
  }
}

function parseJson(message: Message): { readonly value: unknown } | undefined {
  if (typeof message !== 'string') return undefined;
  try {
    return { value: JSON.parse(message) as unknown };
  } catch {
    return undefined;
  }
}
