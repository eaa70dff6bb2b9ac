import { WebSocket } from 'ws';
import { PlainSocket, RefusedError } from './life-socket.ts';
import { offer, type Placement } from './placement.ts';
import type { ConnectOptions, Life, LifeEnding, LifeSocket, Recipe, SpokenRefusal } from './recipes/types.ts';
import { refusedByMessage } from './refusal.ts';

const UPGRADE_WAIT_MS = 5_000;

type Disposal = () => unknown;

export interface LifeFacts {
  readonly index: number;
  readonly user: string;
  readonly ending: LifeEnding;
  readonly recipe: Recipe;
  readonly placement: Placement;
  /** Of this life's wire, on 127.0.0.1. */
  readonly port: number;
  readonly signal: AbortSignal;
  readonly random: () => number;
}

/** One client life as its recipe sees it: who it is, where its wire is, and what has to be thrown away afterwards. */
export class ClientLife implements Life {
  readonly index: number;
  readonly user: string;
  readonly ending: LifeEnding;
  readonly url: URL;
  readonly httpUrl: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly protocols: readonly string[];
  readonly firstMessage: string | undefined;
  readonly signal: AbortSignal;
  readonly random: () => number;
  readonly #recipe: Recipe;
  readonly #sockets: PlainSocket[] = [];
  readonly #disposals: Disposal[] = [];
  #isDisposed = false;

  constructor({ index, user, ending, recipe, placement, port, signal, random }: LifeFacts) {
    this.index = index;
    this.user = user;
    this.ending = ending;
    this.url = onWire(placement.url, 'ws:', port);
    this.httpUrl = onWire(placement.url, 'http:', port);
    this.headers = { host: placement.url.host, ...placement.headers };
    this.protocols = offer(placement.protocols);
    this.firstMessage = placement.firstMessage;
    this.signal = signal;
    this.random = random;
    this.#recipe = recipe;
  }

  async connect(options: ConnectOptions = {}): Promise<LifeSocket> {
    const protocols = offer(options.protocols ?? this.#recipe.protocols ?? [], this.protocols);
    const socket = new PlainSocket(
      new WebSocket(this.#urlOf(options.path), protocols, {
        headers: { ...this.headers, ...options.headers },
        perMessageDeflate: false,
      }),
    );
    this.#sockets.push(socket);
    if (this.#isDisposed) socket.terminate();
    await socket.opened(options.timeoutMs ?? UPGRADE_WAIT_MS);
    if (this.firstMessage !== undefined && options.introduce !== false) socket.send(this.firstMessage);
    return socket;
  }

  refused(refusal: SpokenRefusal): Error {
    return new RefusedError(`the server refused the client: ${refusal.message}`, refusedByMessage(refusal));
  }

  onDispose(dispose: Disposal): void {
    if (this.#isDisposed) void quietly(dispose);
    else this.#disposals.push(dispose);
  }

  /** The goodbye of a recipe that has none of its own. */
  async closeSockets(): Promise<void> {
    await Promise.all(this.#sockets.map(async (socket) => await socket.close()));
  }

  dispose(): void {
    this.#isDisposed = true;
    for (const dispose of this.#disposals.splice(0).toReversed()) void quietly(dispose);
    for (const socket of this.#sockets) socket.terminate();
  }

  #urlOf(path: string | undefined): URL {
    const url = new URL(this.url);
    if (path === undefined) return url;
    const given = new URL(path, url);
    url.pathname = given.pathname;
    for (const [name, value] of given.searchParams) url.searchParams.append(name, value);
    return url;
  }
}

function onWire(url: URL, protocol: 'ws:' | 'http:', port: number): URL {
  return new URL(`${protocol}//127.0.0.1:${port}${url.pathname}${url.search}`);
}

/** What a client library throws while it is thrown away says nothing about the server. */
async function quietly(dispose: Disposal): Promise<void> {
  try {
    await dispose();
  } catch {
    // Thrown away all the same.
  }
}
