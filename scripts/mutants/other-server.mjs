// @ts-check
import { once } from 'node:events';
import { createServer } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { createManagerFactory, memoryQuota } from '@watertight/server';
import { guard } from '@watertight/server/ws';
import { WebSocketServer } from 'ws';

/** @import { IncomingMessage } from 'node:http' */
/** @import { Manager } from '@watertight/server' */
/** @import { WebSocket } from 'ws' */

/** So long takes each thing that is asked before somebody is let in. */
const ASK_MS = 15;
const EVERY_MS = 10_000;
/** Longer than a scenario gives a server to settle: a deadline that outlives its manager keeps the manager. */
const PENDING_DEADLINE_MS = 4_000;

/** What `init` looked up of whoever comes in. @type {WeakMap<Manager, { greeting: string }>} */
const lookedUp = new WeakMap();

/**
 * What the chat example leaves out: everything on the way in takes time, there is an `init`, a refusal is a close code, the process has
 * a limit too, what is said is echoed, so that clients can be sent more than they read, and every slot is a lease as well, as where nodes
 * share their limits.
 */
const factory = createManagerFactory({
  name: 'other',
  maxManagers: 1_000,
  heartbeatIntervalMs: 600,
  pendingDeadlineMs: PENDING_DEADLINE_MS,
  quota: memoryQuota(),
});
const server = createServer((_request, response) => response.writeHead(426).end());
const wss = new WebSocketServer({
  noServer: true,
  verifyClient: (_info, answer) => setTimeout(answer, ASK_MS, true),
});

const entrance = guard(server, wss, {
  factory,
  refusal: 'close',
  identify: async (request) => {
    await delay(ASK_MS);
    return new URL(request.url ?? '/', 'http://other').searchParams.get('user');
  },
  init: async (manager) => {
    manager.defer(() => delay(1), { name: 'what init made' });
    await delay(ASK_MS);
    lookedUp.set(manager, { greeting: `hello ${manager.user}` });
  },
});

wss.on(
  'connection',
  (/** @type {WebSocket} */ socket, /** @type {IncomingMessage} */ _request, /** @type {Manager} */ manager) => {
    // It is there, or the server has let somebody in before `init` was done.
    socket.send(/** @type {{ greeting: string }} */ (lookedUp.get(manager)).greeting);
    socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
    manager.every(EVERY_MS, () => socket.send('still here'));
  },
);

process.once('SIGTERM', () => {
  entrance.close();
  void factory.close().then(() => {
    wss.close();
    server.close();
    server.closeAllConnections();
  });
});

server.listen(0, '127.0.0.1');
await once(server, 'listening');
const address = server.address();
console.log(`listening on ws://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/?user=<name>`);
