// @ts-check
import { connect as connectTcp } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { WebSocket } from 'ws';

/**
 * @typedef {import('watertight').Recipe} Recipe
 * @typedef {import('watertight').Life} Life
 * @typedef {import('watertight').LifeSocket} LifeSocket
 */

const NEXT_WITHIN_MS = 5_000;
const CLOSES_WITHIN_MS = 200;
/** A life that was left open stays until the end, like one that vanished. */
const KEPT = new Set(['vanish', 'stall']);

/**
 * Lives of a recipe straight to a server, without a wire in between: enough to see that they are served.
 *
 * @param {Recipe} recipe @param {number} port
 */
export function straightDrive(recipe, port) {
  const base = new URL(recipe.path ?? '/', `ws://127.0.0.1:${port}`);
  const world = { url: base, signal: new AbortController().signal };
  /** @type {(() => void)[]} */
  const kept = [];
  return {
    setup: () => recipe.setup?.(world),
    /** @param {number} index */
    async live(index) {
      const ending = recipe.endings?.[index % recipe.endings.length] ?? (index % 2 === 0 ? 'close-frame' : 'rst');
      /** @type {(() => void)[]} */
      const disposals = [];
      const sockets = /** @type {WebSocket[]} */ ([]);
      const life = asLife({ base, index, ending, recipe, sockets, disposals });
      try {
        const goodbye = await recipe.live(life);
        if (ending === 'close-frame') {
          await (goodbye?.() ?? Promise.all(sockets.map((socket) => closed(socket, () => socket.close()))));
        }
      } finally {
        const dispose = () => {
          for (const one of disposals) one();
        };
        if (KEPT.has(ending)) kept.push(dispose);
        else dispose();
      }
    },
    async end() {
      for (const dispose of kept) dispose();
      await recipe.teardown?.();
    },
  };
}

/**
 * @param {{ base: URL, index: number, ending: Life['ending'], recipe: Recipe, sockets: WebSocket[], disposals: (() => void)[] }} parts
 * @returns {Life}
 */
function asLife({ base, index, ending, recipe, sockets, disposals }) {
  const httpUrl = new URL(base);
  httpUrl.protocol = 'http:';
  return {
    index,
    ending,
    user: `test-user-${index}`,
    url: base,
    httpUrl,
    headers: {},
    protocols: recipe.protocols ?? [],
    firstMessage: undefined,
    signal: new AbortController().signal,
    random: Math.random,
    connect: async ({ path, protocols, headers } = {}) => {
      const socket = new WebSocket(new URL(path ?? '', base), [...(protocols ?? recipe.protocols ?? [])], {
        perMessageDeflate: false,
        headers: { ...headers },
        // Kept, to end it with a reset.
        createConnection: (/** @type {any} */ options) => {
          const wire = connectTcp(options);
          disposals.push(() => wire.resetAndDestroy());
          return wire;
        },
      });
      sockets.push(socket);
      return asLifeSocket(socket);
    },
    refused: ({ message }) => new Error(`the server refused the client: ${message}`),
    onDispose: (dispose) => void disposals.push(dispose),
  };
}

/**
 * @param {WebSocket} socket
 * @returns {Promise<LifeSocket>}
 */
async function asLifeSocket(socket) {
  /** @type {(string | Uint8Array)[]} */
  const received = [];
  const waiting = new Set(/** @type {(() => void)[]} */ ([]));
  socket.on('message', (data, isBinary) => {
    const bytes = Buffer.isBuffer(data) ? data : Buffer.from(/** @type {ArrayBuffer} */ (data));
    received.push(isBinary ? new Uint8Array(bytes) : bytes.toString('utf8'));
    for (const look of waiting) look();
  });
  const end = new Promise((resolve) => {
    socket.once('close', (code, reason) => resolve({ code, reason: String(reason) }));
  });
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  socket.on('error', () => undefined);
  /** @type {LifeSocket['next']} */
  const next = (fits = () => true, deadlineMs = NEXT_WITHIN_MS) =>
    new Promise((resolve, reject) => {
      const look = () => {
        const at = received.findIndex((message) => fits(message));
        const [found] = at === -1 ? [] : received.splice(at, 1);
        if (found === undefined) return;
        clearTimeout(timer);
        waiting.delete(look);
        resolve(found);
      };
      const timer = setTimeout(() => {
        waiting.delete(look);
        reject(
          new Error(`no message that fits within ${deadlineMs} ms; last: ${String(received.at(-1)).slice(0, 100)}`),
        );
      }, deadlineMs);
      waiting.add(look);
      look();
    });
  return {
    protocol: socket.protocol,
    get isOpen() {
      return socket.readyState === WebSocket.OPEN;
    },
    send: (data) => socket.send(data),
    sendJson: (value) => socket.send(JSON.stringify(value)),
    next,
    nextJson: async (fits, deadlineMs) => {
      const isJson = (/** @type {string | Uint8Array} */ message) => {
        const value = parsed(message);
        return value !== undefined && (fits === undefined || fits(value));
      };
      return parsed(await next(isJson, deadlineMs));
    },
    ping: async () => false,
    close: async (code, reason) => closed(socket, () => socket.close(code, reason)),
    closed: end,
  };
}

/** @param {WebSocket} socket @param {() => void} act */
async function closed(socket, act) {
  if (socket.readyState === WebSocket.CLOSED) return;
  const end = new Promise((resolve) => socket.once('close', resolve));
  act();
  // Not every server answers; that is what some of these cases are about.
  await Promise.race([end, delay(CLOSES_WITHIN_MS)]);
}

/** @param {string | Uint8Array} message */
function parsed(message) {
  try {
    return JSON.parse(String(message));
  } catch {
    return undefined;
  }
}
