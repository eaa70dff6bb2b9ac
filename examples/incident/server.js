// @ts-check
// A server that sends news to its readers. Whoever loses the connection may come back with a ticket and finds what it has missed.
// Everything that a team would have is there: metrics for Prometheus, alerts to a webhook, and the dashboard.
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { parseArgs } from 'node:util';
import { dashboard } from '@watertight/dashboard';
import { createManagerFactory } from '@watertight/server';
import { watchAlerts, webhook } from '@watertight/server/alerts';
import { prometheusHandler } from '@watertight/server/prometheus';
import { guard } from '@watertight/server/ws';
import { WebSocketServer } from 'ws';

/** @typedef {{ readonly at: number, readonly headline: string }} News */

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    places: { type: 'string', default: './places.js' },
    webhook: { type: 'string', default: 'http://127.0.0.1:9/nobody' },
  },
});
const { Places } = /** @type {typeof import('./places.js')} */ (await import(values.places));

/** How often the rules are looked at. In a real server 15 s, the default. */
const ALERTS_MS = 250;
const LATEST = 100;
/** What `ws` says of a connection that ended without a close frame. */
const LOST = 1006;

const factory = createManagerFactory({ name: 'news', maxManagersPerUser: 20 });
factory.start();
const places = new Places(factory);
const hook = webhook(values.webhook, { secret: process.env['WEBHOOK_SECRET'] ?? 'secret' });
const alerts = watchAlerts(factory, { notify: hook.notify, intervalMs: ALERTS_MS });
const board = dashboard({ factory, loopbackOnly: true, alerts: { intervalMs: ALERTS_MS } });
const metrics = prometheusHandler({ factories: [factory] });

/** @type {News[]} */
const latest = Array.from({ length: LATEST }, (_, number) => newsOf(number));
const presses = setInterval(() => {
  latest.push(newsOf(Date.now()));
  latest.shift();
  for (const reader of wss.clients) reader.send(JSON.stringify({ news: latest.at(-1) }));
}, 1000);

/** @param {number} at @returns {News} */
function newsOf(at) {
  return { at, headline: `What happened at ${at}` };
}

const server = createServer((request, response) => {
  if (board.handle(request, response)) return;
  if (request.url === '/metrics') metrics(request, response);
  else response.writeHead(404).end();
});
const wss = new WebSocketServer({ noServer: true });
/** @param {import('node:http').IncomingMessage} request */
const parametersOf = (request) => new URL(request.url ?? '/', 'http://host').searchParams;
guard(server, wss, { factory, identify: (request) => parametersOf(request).get('user') });

wss.on(
  'connection',
  /** @type {(socket: import('ws').WebSocket, request: import('node:http').IncomingMessage, manager: import('@watertight/server').Manager) => void} */
  (socket, request, manager) => {
    const ticket = randomUUID();
    const missed = places.take(parametersOf(request).get('ticket') ?? '');
    socket.send(JSON.stringify({ ticket, missed }));
    socket.once('close', (code) => {
      if (code === LOST) places.keep(ticket, manager.user, latest);
    });
  },
);

/** Closed, it locks nobody out any more: what it has alerted of is told to be over before it goes. */
async function stop() {
  await factory.drain({ windowMs: 500 });
  clearInterval(presses);
  alerts.stop();
  await board.close();
  await hook.close({ flushMs: 2000 });
  server.close();
  server.closeAllConnections();
}
process.once('SIGTERM', () => void stop());
process.once('SIGINT', () => void stop());

server.listen(Number(values.port), '127.0.0.1');
await once(server, 'listening');
const address = server.address();
if (typeof address === 'object' && address !== null) console.log(`news: http://127.0.0.1:${address.port}`);
