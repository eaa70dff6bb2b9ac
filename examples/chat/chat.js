// @ts-check
import { createServer } from 'node:http';
import { createManagerFactory } from '@watertight/server';
import { guard } from '@watertight/server/ws';
import { WebSocketServer } from 'ws';
import { Rooms } from './rooms.js';
import { Session } from './session.js';

/** @import { IncomingMessage } from 'node:http' */
/** @import { Manager, ManagerFactoryOptions } from '@watertight/server' */
/** @import { WebSocket } from 'ws' */

const MAX_MESSAGE_BYTES = 64 * 1024;
/** The longest that a timer of Node waits, in milliseconds. */
const MAX_INTERVAL_MS = 2 ** 31 - 1;
/** Whoever is refused beyond that loses the socket without an answer: an attack must not cost more than that. */
const MAX_HTTP_REFUSALS_PER_SECOND = 100;

/**
 * A chat server, not listening yet. Clients connect to `/?user=<name>&room=<room>`; the room is `lobby` when none is named.
 *
 * @param {ManagerFactoryOptions & { readonly presenceIntervalMs?: number }} [options]
 */
export function createChat({ presenceIntervalMs = 10_000, ...options } = {}) {
  if (!(presenceIntervalMs >= 1 && presenceIntervalMs <= MAX_INTERVAL_MS))
    throw new RangeError(`presenceIntervalMs must be from 1 to ${MAX_INTERVAL_MS} ms, got ${presenceIntervalMs}`);
  const factory = createManagerFactory({ name: 'chat', ...options });
  const rooms = new Rooms();
  const server = createServer((_request, response) => {
    response
      .writeHead(426, { Upgrade: 'websocket' })
      .end('This is a chat: connect with a WebSocket client to /?user=<name>\n');
  });
  const wss = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE_BYTES });

  // A real server asks its session store here, with whatever cookie or token the request has.
  const identify = (/** @type {IncomingMessage} */ request) => parameters(request).get('user');
  const entrance = guard(server, wss, { factory, identify, maxHttpRefusalsPerSecond: MAX_HTTP_REFUSALS_PER_SECOND });

  wss.on(
    'connection',
    (/** @type {WebSocket} */ socket, /** @type {IncomingMessage} */ request, /** @type {Manager} */ manager) => {
      new Session(socket, manager, { rooms, presenceIntervalMs }).join(parameters(request).get('room') || 'lobby');
    },
  );

  return {
    server,
    factory,
    rooms,
    /** Says goodbye to everybody and waits until all that they held is gone. */
    async close() {
      entrance.close();
      await factory.close();
      wss.close();
      await new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      });
    },
  };
}

/** @param {IncomingMessage} request */
function parameters(request) {
  return new URLSearchParams(request.url?.split('?')[1]);
}
