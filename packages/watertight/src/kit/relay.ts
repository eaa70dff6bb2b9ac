import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { clearTimeout, setImmediate, setTimeout } from 'node:timers';
import { AT_ONCE, type Pace } from '../drive/lane.ts';
import { LifeWatch } from '../drive/life-watch.ts';
import { Strand } from '../drive/strand.ts';
import { type Upstream, upstreamOf } from '../drive/upstream.ts';
import { isNetServer } from './examined.ts';
import { urlOf } from './expect-no-leaks.ts';
import { checkedMs } from './milliseconds.ts';
import { RelayConnection } from './relay-connection.ts';
import { checkEnding, isEarly, type RelayEnding } from './relay-endings.ts';

/** Where a relay leads: a `ws:`, `wss:`, `http:` or `https:` URL, a server that listens, or a port of 127.0.0.1. */
export type RelayTarget = string | URL | number | Server | { readonly url: string };

const NEXT_WITHIN_MS = 5_000;
const HIGHEST_PORT = 65_535;
/** So many that nobody has asked for are remembered. */
const NOT_TAKEN_COUNT = 100;

interface Awaiting {
  take(connection: RelayConnection): void;
  giveUp(why: string): void;
}

/**
 * A wire between clients and a server that gets worse when it is told to: no client library can be made to reset, to vanish or to
 * stall, but what lies under it can. It reorders nothing. Use {@link openRelay}.
 */
export class Relay implements AsyncDisposable {
  readonly #server: Server;
  readonly #to: Upstream;
  readonly #url: URL;
  readonly #strands = new Map<Strand, RelayConnection>();
  readonly #watches = new WeakMap<Strand, LifeWatch>();
  readonly #endings: RelayEnding[] = [];
  readonly #awaiting: Awaiting[] = [];
  readonly #notTaken: RelayConnection[] = [];
  #pace = AT_ONCE;
  #isDeaf = false;
  #isStalled = false;
  #isRefusing = false;
  #closing: Promise<void> | undefined;

  /** @internal Use {@link openRelay}. */
  constructor(server: Server, url: URL) {
    this.#server = server;
    this.#url = url;
    this.#to = upstreamOf(url);
    server.on('connection', (socket) => this.#accept(socket));
  }

  /** Port on 127.0.0.1. */
  get port(): number {
    return (this.#server.address() as AddressInfo | null)?.port ?? 0;
  }

  /** `ws:` URL for clients, with path and query of the target; for a `wss:` target too, as the relay speaks TLS itself. */
  get url(): string {
    return `ws://127.0.0.1:${this.port}${this.#url.pathname}${this.#url.search}`;
  }

  /** Those that are not gone on both sides, oldest first. */
  get connections(): readonly RelayConnection[] {
    return [...this.#strands.values()];
  }

  /**
   * The next connection that was not answered here yet.
   *
   * @throws Error when none comes within `withinMs` milliseconds (default 5 000), and when the relay is closed before; RangeError for a
   * time that is none, or above 600 000.
   */
  async nextConnection(withinMs: number = NEXT_WITHIN_MS): Promise<RelayConnection> {
    checkedMs('nextConnection', withinMs);
    const [first] = this.#notTaken.splice(0, 1);
    if (first !== undefined) return first;
    if (this.#closing !== undefined)
      throw new Error(`no client connected to the relay within ${withinMs} ms: it is closed`);
    return await new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => awaiting.giveUp(`no client connected to the relay within ${withinMs} ms`),
        withinMs,
      );
      const awaiting: Awaiting = {
        take: (connection) => {
          clearTimeout(timer);
          resolve(connection);
        },
        giveUp: (why) => {
          clearTimeout(timer);
          const index = this.#awaiting.indexOf(awaiting);
          if (index !== -1) this.#awaiting.splice(index, 1);
          reject(new Error(why));
        },
      };
      this.#awaiting.push(awaiting);
    });
  }

  /**
   * The next connection ends like this: in its handshake, or as soon as that was answered. Called again, the one after it.
   *
   * @throws TypeError for what is no ending.
   */
  endNext(ending: RelayEnding): void {
    checkEnding('endNext', ending);
    this.#endings.push(ending);
  }

  /** Everything is late by so many milliseconds, in both directions, from now on. 0: not any more. @throws RangeError above 600 000. */
  delay(delayMs: number): void {
    this.#setPace({ ...this.#pace, delayMs: checkedMs('delay', delayMs) });
  }

  /** What clients send arrives byte by byte, one each so many milliseconds. 0: not any more. @throws RangeError above 600 000. */
  trickle(everyMs: number): void {
    this.#setPace({ ...this.#pace, trickleMs: checkedMs('trickle', everyMs) });
  }

  /** Passes nothing on in either direction, and says nothing; connections to come included. */
  goDeaf(): void {
    this.#isDeaf = true;
    for (const strand of this.#strands.keys()) strand.goDeaf();
  }

  /** Reads nothing of the server until {@link resume}; connections to come included. */
  stall(): void {
    this.#isStalled = true;
    for (const strand of this.#strands.keys()) strand.stall();
  }

  resume(): void {
    this.#isStalled = false;
    for (const strand of this.#strands.keys()) strand.resume();
  }

  /** Resets every connection on both sides; new ones are taken. */
  cut(): void {
    for (const strand of this.#strands.keys()) strand.reset();
  }

  /** Resets whoever connects from now on; `refuse(false)`: not any more. The server hears nothing of them. */
  refuse(isRefusing = true): void {
    this.#isRefusing = isRefusing;
  }

  /** Ends everything; resolves when every handle is closed. Idempotent. */
  async close(): Promise<void> {
    this.#closing ??= this.#end();
    await this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #end(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const awaiting of this.#awaiting.splice(0))
      awaiting.giveUp('no client connected to the relay before it was closed');
    await Promise.all([closed, ...[...this.#strands.keys()].map(async (strand) => await strand.dispose())]);
  }

  #accept(socket: Socket): void {
    if (this.#isRefusing || this.#closing !== undefined) {
      socket.resetAndDestroy();
      return;
    }
    const modes = { hold: false, deaf: this.#isDeaf, stalled: this.#isStalled };
    const strand = new Strand(socket, this.#to, modes, {
      clientSent: (sender, chunk) => this.#watches.get(sender)?.clientSent(sender, chunk),
      serverSent: (sender, chunk) => this.#watches.get(sender)?.serverSent(sender, chunk),
    });
    strand.setPace(this.#pace, { ...this.#pace, trickleMs: 0 });
    const connection = new RelayConnection(strand);
    this.#strands.set(strand, connection);
    void strand.whenClosed.then(() => this.#strands.delete(strand));
    const ending = this.#endings.shift();
    if (ending !== undefined) this.#watches.set(strand, watchFor(ending, connection));
    const awaiting = this.#awaiting.shift();
    if (awaiting !== undefined) awaiting.take(connection);
    else if (this.#notTaken.push(connection) > NOT_TAKEN_COUNT) this.#notTaken.shift();
  }

  #setPace(pace: Pace): void {
    this.#pace = pace;
    for (const strand of this.#strands.keys()) strand.setPace(pace, { ...pace, trickleMs: 0 });
  }
}

/**
 * Opens a relay in front of a server, on a free port of 127.0.0.1.
 *
 * @example
 * ```ts
 * await using relay = await openRelay(server);
 * const client = new WebSocket(relay.url);
 * const connection = await relay.nextConnection();
 * await connection.end('vanish');
 * ```
 *
 * @throws TypeError when the target is no URL that a WebSocket can have; RangeError for a port that is none.
 */
export async function openRelay(to: RelayTarget): Promise<Relay> {
  const url = addressOf(to);
  const server = createServer({ allowHalfOpen: true, noDelay: true });
  const relay = new Relay(server, url);
  server.listen({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  return relay;
}

function addressOf(to: RelayTarget): URL {
  if (typeof to === 'number') {
    if (Number.isInteger(to) && to >= 1 && to <= HIGHEST_PORT) return new URL(`ws://127.0.0.1:${to}/`);
    throw new RangeError(`openRelay(${to}): expected a port from 1 to ${HIGHEST_PORT}`);
  }
  const text = textOf(to);
  if (typeof text === 'string' && URL.canParse(text) && /^(?:ws|http)s?:$/.test(new URL(text).protocol))
    return new URL(text);
  const given = typeof text === 'string' ? JSON.stringify(text) : String(text);
  throw new TypeError(
    `openRelay(${given}): expected a ws:, wss:, http: or https: URL, a server that listens, or a port`,
  );
}

function textOf(to: Exclude<RelayTarget, number>): unknown {
  if (to instanceof URL) return to.href;
  // A caller without types may have nothing at all.
  if (typeof to !== 'object' || to === null) return to;
  return isNetServer(to) ? urlOf(to) : to.url;
}

/** An early ending comes in the handshake itself; the others one turn after it, when the client has been answered. */
function watchFor(ending: RelayEnding, connection: RelayConnection): LifeWatch {
  const at = ending === 'abort-in-upgrade' ? 'upgrade-asked' : 'upgrade-answered';
  return new LifeWatch({ at }, (strand) => {
    if (isEarly(ending)) strand.reset();
    else setImmediate(() => void connection.end(ending));
  });
}
