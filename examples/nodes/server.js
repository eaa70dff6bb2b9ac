// @ts-check
import { createServer } from 'node:http';
import { createManagerFactory } from '@watertight/server';
import { redisQuota } from '@watertight/server/redis';
import { guard } from '@watertight/server/ws';
import { createClient } from 'redis';
import { WebSocketServer } from 'ws';

const url = process.env['REDIS_URL'] ?? 'redis://127.0.0.1:6379';
// A connection of its own: admissions do not wait behind anything else, and not for a connection that is not there.
const client = createClient({
  url,
  disableOfflineQueue: true,
  pingInterval: 5000,
});
client.on('error', () => undefined);
// It goes on trying by itself.
const complain = (/** @type {Error} */ { message }) =>
  console.error(`nodes: no Redis at ${url} (${message}), waiting for it`);
client.once('error', complain);
await client.connect();
client.off('error', complain);

// What a killed process held is free when its leases have run out.
const leaseTtlMs = Number(process.env['LEASE_TTL_MS'] ?? 30_000);
const factory = createManagerFactory({
  maxManagersPerUser: 5,
  quota: redisQuota({ client, prefix: 'example:', leaseTtlMs }),
});
const wss = new WebSocketServer({ noServer: true });
const server = createServer((request, response) => {
  const user = new URL(request.url ?? '/', 'http://host').searchParams.get('user') ?? '';
  const answer = (/** @type {number} */ status, /** @type {unknown} */ body) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  // Whichever process is asked: what the user holds in all of them.
  factory.shared?.usage(user).then(
    (usage) => answer(200, usage),
    (/** @type {Error} */ { message }) => answer(503, { message }),
  );
});

guard(server, wss, {
  factory,
  identify: (request) => new URL(request.url ?? '/', 'http://host').searchParams.get('user'),
});

wss.on(
  'connection',
  (
    /** @type {import('ws').WebSocket} */ socket,
    /** @type {unknown} */ _request,
    /** @type {import('@watertight/server').Manager} */ manager,
  ) => {
    socket.send(`process ${process.pid}, ${manager.user}`);
    socket.on('message', (/** @type {Buffer} */ data) => socket.send(data.toString()));
  },
);

async function stop() {
  await factory.drain({ windowMs: 2000, closeLast: [() => client.close()] });
  server.close();
  server.closeAllConnections();
  process.disconnect?.();
}

process.once('SIGTERM', () => void stop());
process.once('SIGINT', () => void stop());
server.listen(Number(process.env['PORT'] ?? 8080), '127.0.0.1');
