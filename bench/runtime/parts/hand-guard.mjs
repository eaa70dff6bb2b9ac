// @ts-check
// The smallest guard that is right, by hand and for this bench alone: what any guard has to spend. It sees a client that leaves, resets or
// is lost from the first line of `upgrade` on, lets nobody hold more than so many, finds who is silent, closes whoever does not finish the
// closing handshake, and gives back what a connection holds once, whoever notices first. It cannot do anything else: no states, no
// deadlines of its own, no statistics, no events, nothing asynchronous before the decision, no finalizer that may fail or hang.

/** @import { EventEmitter } from 'node:events' */
/** @import { IncomingMessage, Server } from 'node:http' */
/** @import { Duplex } from 'node:stream' */
/** @import { WebSocket, WebSocketServer } from 'ws' */

const LIMIT = 20;
const HEARTBEAT_MS = 30_000;
const MISSES = 2;
const CLOSE_WITHIN_MS = 500;
const TICK_MS = 60_000;

/** @typedef {{ user: string, socket: Duplex, webSocket: WebSocket | undefined, heardAtMs: number, hasEnded: boolean, finalizers: (() => void)[] }} Session */

/**
 * @param {Server} server
 * @param {WebSocketServer} wss
 * @param {(request: IncomingMessage) => string | undefined} userOf
 * @param {EventEmitter} bus
 */
export function guardByHand(server, wss, userOf, bus) {
  /** @type {Map<string, Set<Session>>} */
  const users = new Map();

  setInterval(() => {
    const nowMs = performance.now();
    for (const sessions of users.values()) {
      for (const session of sessions) {
        if (nowMs - session.heardAtMs > HEARTBEAT_MS * (MISSES + 1)) session.socket.destroy();
        else if (nowMs - session.heardAtMs > HEARTBEAT_MS) session.webSocket?.ping();
      }
    }
  }, HEARTBEAT_MS).unref();

  server.on('upgrade', (request, socket, head) => {
    const user = userOf(request);
    const held = user === undefined ? undefined : (users.get(user) ?? new Set());
    if (user === undefined || held === undefined || held.size >= LIMIT) {
      socket.on('error', () => socket.destroy());
      socket.end(`HTTP/1.1 ${user === undefined ? 401 : 429} Refused\r\nConnection: close\r\n\r\n`);
      return;
    }
    /** @type {Session} */
    const session = {
      user,
      socket,
      webSocket: undefined,
      heardAtMs: performance.now(),
      hasEnded: false,
      finalizers: [],
    };
    users.set(user, held.add(session));

    const end = () => {
      if (session.hasEnded) return;
      session.hasEnded = true;
      if (held.delete(session) && held.size === 0) users.delete(user);
      for (const finalize of session.finalizers.toReversed()) finalize();
      if (socket.destroyed) return;
      const timer = setTimeout(() => socket.destroy(), CLOSE_WITHIN_MS);
      socket.once('close', () => clearTimeout(timer));
    };
    socket.on('error', end);
    socket.on('end', end);
    socket.on('close', end);
    wss.handleUpgrade(request, socket, head, (webSocket) => {
      session.webSocket = webSocket;
      webSocket.on('error', end);
      socket.on('data', () => {
        session.heardAtMs = performance.now();
        if (webSocket.readyState === webSocket.CLOSING) end();
      });
      wss.emit('connection', webSocket, request, session);
    });
  });

  wss.on(
    'connection',
    (/** @type {WebSocket} */ webSocket, /** @type {IncomingMessage} */ _request, /** @type {Session} */ session) => {
      const timer = setInterval(() => undefined, TICK_MS);
      const onNews = () => webSocket.send(`news for ${session.user}`);
      bus.on('news', onNews);
      session.finalizers.push(
        () => clearInterval(timer),
        () => bus.off('news', onNews),
      );
      webSocket.on('message', (data) => webSocket.send(data));
    },
  );
}
