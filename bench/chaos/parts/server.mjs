// @ts-check
// An echo server behind the guard with every policy on. `leaky` keeps the timer of each connection that did not say goodbye, as a
// handler does that cleans up on a clean close only: the storm has to find it.
import { EventEmitter, once } from 'node:events';
import { createServer } from 'node:http';
import { createManagerFactory } from '@watertight/server';
import { guard } from '@watertight/server/ws';
import { WebSocketServer } from 'ws';
import { answer } from '../../runtime/parts/answering.mjs';
import { loopWatch } from './loop-watch.mjs';

/** @import { IncomingMessage } from 'node:http' */
/** @import { Manager } from '@watertight/server' */
/** @import { WebSocket } from 'ws' */

const isLeaky = process.argv[2] === 'leaky';

/** Quick enough that whoever vanished in the storm is found before its end is judged. */
const HEARTBEAT_INTERVAL_MS = 2000;
const HEADERS_TIMEOUT_MS = 5000;
const TICK_MS = 1000;
/** What a text is answered with; other messages come back as they are. */
const MUCH = Buffer.alloc(60_000, 'x');
const MAX_PAYLOAD_BYTES = 64 * 1024;

/** @type {string[]} */
const errors = [];
const factory = createManagerFactory({
  maxManagers: 5000,
  maxManagersPerAddress: 2000,
  maxConnectsPerSecondPerUser: 200,
  maxConnectsPerSecondPerAddress: 1000,
  maxConnectsPerSecond: 2000,
  heartbeatIntervalMs: HEARTBEAT_INTERVAL_MS,
  idleTimeoutMs: 30_000,
  maxEventLoopDelayMs: 2000,
  maxHeapBytes: 1024 * 1024 * 1024,
  maxBufferedBytes: 256 * 1024,
  onSlowConsumer: 'terminate',
  onLimit: 'evict-idle',
  warnAfterMs: 600_000,
  sessionTakeover: true,
  onError: (error, { stage }) => errors.push(`${stage}: ${error instanceof Error ? error.message : String(error)}`),
});

const server = createServer({ headersTimeout: HEADERS_TIMEOUT_MS, connectionsCheckingInterval: 500 }, (_, response) => {
  response.writeHead(426).end();
});
const wss = new WebSocketServer({ noServer: true, maxPayload: MAX_PAYLOAD_BYTES });
const guarding = guard(server, wss, {
  factory,
  refusal: 'close',
  identify: async (/** @type {IncomingMessage} */ request) => {
    await new Promise(setImmediate);
    return new URL(request.url ?? '/', 'http://host').searchParams.get('user');
  },
});
const bus = new EventEmitter().setMaxListeners(0);
const tick = () => undefined;

wss.on(
  'connection',
  (/** @type {WebSocket} */ socket, /** @type {IncomingMessage} */ _request, /** @type {Manager} */ manager) => {
    manager.listen(bus, 'news', tick);
    if (isLeaky) {
      const timer = setInterval(tick, TICK_MS);
      socket.on('close', (code) => {
        if (code === 1000) clearInterval(timer);
      });
    } else {
      manager.every(TICK_MS, tick);
    }
    socket.on('message', (data, isBinary) => {
      if (isBinary) socket.send(data, { binary: true });
      else socket.send(MUCH);
    });
  },
);

server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 });
await once(server, 'listening');
const address = server.address();
const port = typeof address === 'object' && address !== null ? address.port : 0;

/** @param {string} type */
const resources = (type) => process.getActiveResourcesInfo().filter((name) => name === type).length;

answer({
  port: () => ({ port }),
  ...loopWatch,
  /** Everything that has to be zero once everybody has gone. */
  left() {
    const { active, pending, closing, connections, users } = factory.stats();
    const emitted = bus.listenerCount('news');
    const sockets = resources('TCPSocketWrap');
    // The factory's own timer does not keep the process alive, so it is not among these.
    const timers = resources('Timeout');
    const webSockets = wss.clients.size;
    const deciding = guarding.pendingCount;
    return { active, pending, closing, connections, users, deciding, webSockets, emitted, sockets, timers };
  },
  account() {
    const { created, released, refusedByReason, refusalAnswers } = factory.stats();
    for (const error of new Set(errors)) process.stderr.write(`onError: ${error}\n`);
    return {
      created,
      ...prefixed('released', released.byReason),
      ...prefixed('refused', refusedByReason),
      ...prefixed('answered', { ...refusalAnswers }),
      errors: errors.length,
    };
  },
});

/** @param {string} prefix @param {Readonly<Record<string, number>>} counts */
function prefixed(prefix, counts) {
  return Object.fromEntries(Object.entries(counts).map(([key, count]) => [`${prefix} ${key}`, count]));
}
