import { httpText } from '../../target/http-text.ts';
import { probeUpgrade, type Probe } from '../../target/probe.ts';
import type { Road } from '../../target/road.ts';
import { placed, type Identity } from '../identity.ts';
import { offer, type Placement } from '../placement.ts';

/** A user no scenario uses. */
const ASKING_INDEX = 999_997;
/** Who does not answer a plain request at all is asked several; a server on the same machine answers in a few ms. */
const ANSWER_WITHIN_MS = 500;
const SWITCHING_PROTOCOLS = 101;

/** Offered first: a server that takes it takes whatever comes first, and says nothing about itself by that. */
const NO_PROTOCOL = 'watertight.any';
const RECIPE_BY_PROTOCOL: Readonly<Record<string, string>> = {
  'graphql-transport-ws': 'graphql-transport-ws',
  'graphql-ws': 'graphql-ws',
  mqtt: 'mqtt',
  'v12.stomp': 'stomp',
  'v11.stomp': 'stomp',
  'v10.stomp': 'stomp',
};
const KNOWN = [NO_PROTOCOL, ...Object.keys(RECIPE_BY_PROTOCOL)];

const SOCKET_IO_PATH = '/socket.io/';
/** Where WebSockets are usually found when not at `/`. */
const PATHS = ['/ws', '/websocket', '/graphql', '/subscriptions', '/mqtt', '/stomp', '/socket', '/chat'];
const SOCKJS_PREFIXES = ['/sockjs', '/echo', '/ws', '/stomp'];

/** What a server was seen to speak, and where. */
export interface Guess {
  readonly recipe: string;
  readonly path: string;
  /** Whether anything answered; else `ws` is a mere default. */
  readonly isSeen: boolean;
  /** Why, for the one line that is printed. */
  readonly sentence: string;
}

/**
 * Asks a server what it speaks: an Engine.IO handshake, an upgrade with every subprotocol we know, and, where `/` is no
 * WebSocket, the usual paths and SockJS. Every question is asked once, over a connection of its own that is closed politely.
 * With a path only that path is asked. Never rejects: what nothing is known about is `ws` at that path.
 */
export async function guessRecipe(url: URL, identity: Identity, isPathGiven: boolean, road?: Road): Promise<Guess> {
  const ask = await Asker.of(url, identity, road);
  if (ask === undefined) return { ...nothingAt(url), sentence: 'nothing could be asked without a token' };
  const engine = await ask.speaksEngineIo(isPathGiven ? url.pathname : SOCKET_IO_PATH);
  if (engine !== undefined) {
    return {
      recipe: 'socket.io',
      path: engine,
      isSeen: true,
      sentence: `it answered an Engine.IO handshake at ${engine}`,
    };
  }
  const found = fromUpgrade(url.pathname, await ask.upgrade(url.pathname));
  if (found !== undefined) return found;
  const paths = isPathGiven ? [] : PATHS;
  const prefixes = isPathGiven ? [url.pathname.replace(/\/(websocket)?$/, '')] : SOCKJS_PREFIXES;
  const [answers, infos] = await Promise.all([
    Promise.all(paths.map(async (path) => fromUpgrade(path, await ask.upgrade(path)))),
    Promise.all(prefixes.map(async (prefix) => ((await ask.speaksSockjs(prefix)) ? prefix : undefined))),
  ]);
  const sockjs = infos.find((prefix) => prefix !== undefined);
  if (sockjs !== undefined) {
    const path = `${sockjs}/websocket`;
    return { recipe: 'sockjs', path, isSeen: true, sentence: `it answered ${sockjs}/info as SockJS does` };
  }
  const known = answers.filter((answer) => answer !== undefined);
  const elsewhere = known.find(({ recipe }) => recipe !== 'ws') ?? known[0];
  if (elsewhere !== undefined) return elsewhere;
  const places = isPathGiven ? url.pathname : [url.pathname, ...PATHS].join(', ');
  return { ...nothingAt(url), sentence: `no upgrade was accepted at ${places}` };
}

function nothingAt(url: URL): Omit<Guess, 'sentence'> {
  return { recipe: 'ws', path: url.pathname, isSeen: false };
}

function fromUpgrade(path: string, probe: Probe): Guess | undefined {
  if (probe.kind !== 'websocket' || probe.status !== SWITCHING_PROTOCOLS) return undefined;
  const recipe = RECIPE_BY_PROTOCOL[probe.protocol];
  if (recipe !== undefined)
    return { recipe, path, isSeen: true, sentence: `it chose the subprotocol ${probe.protocol} at ${path}` };
  return {
    recipe: 'ws',
    path,
    isSeen: true,
    sentence: `it accepted an upgrade at ${path}, and none of the subprotocols known here`,
  };
}

class Asker {
  readonly #placement: Placement;
  readonly #road: Road | undefined;

  constructor(placement: Placement, road: Road | undefined) {
    this.#placement = placement;
    this.#road = road;
  }

  static async of(url: URL, identity: Identity, road: Road | undefined): Promise<Asker | undefined> {
    try {
      return new Asker(await placed(identity, url, identity.userId(ASKING_INDEX)), road);
    } catch {
      return undefined;
    }
  }

  async upgrade(path: string): Promise<Probe> {
    const { headers, protocols } = this.#placement;
    const asked = { ...headers, 'sec-websocket-protocol': offer(KNOWN, protocols).join(', ') };
    return await probeUpgrade(this.#at(path), ANSWER_WITHIN_MS, asked, this.#road);
  }

  /** The path with its slash at the end, when Engine.IO answers there. The session it opened is closed again. */
  async speaksEngineIo(path: string): Promise<string | undefined> {
    const url = this.#http(path.endsWith('/') ? path : `${path}/`);
    url.searchParams.set('EIO', '4');
    url.searchParams.set('transport', 'polling');
    const sid = /^0\{.*"sid":"([^"]+)"/.exec((await this.#text(url)) ?? '')?.[1];
    if (sid === undefined) return undefined;
    url.searchParams.set('sid', sid);
    await httpText(url, ANSWER_WITHIN_MS, { headers: this.#placement.headers, body: '1', road: this.#road });
    return url.pathname;
  }

  async speaksSockjs(prefix: string): Promise<boolean> {
    const text = (await this.#text(this.#http(`${prefix}/info`))) ?? '';
    return /"websocket"\s*:\s*true/.test(text) && /"entropy"\s*:/.test(text);
  }

  async #text(url: URL): Promise<string | undefined> {
    return (await httpText(url, ANSWER_WITHIN_MS, { headers: this.#placement.headers, road: this.#road }))?.text;
  }

  #at(path: string): URL {
    const url = new URL(this.#placement.url);
    url.pathname = path;
    return url;
  }

  #http(path: string): URL {
    const url = this.#at(path);
    url.protocol = url.protocol === 'wss:' ? 'https:' : 'http:';
    return url;
  }
}
