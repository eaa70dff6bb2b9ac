// @ts-check
import websocket from '@fastify/websocket';
import { createManagerFactory } from '@watertight/server';
import { fastifyGuard } from '@watertight/server/fastify';
import Fastify from 'fastify';
import { OPTIONS, PORT, userOf } from './options.js';

const app = Fastify();
await app.register(websocket);
await app.register(fastifyGuard, {
  factory: createManagerFactory({ name: 'fastify', ...OPTIONS }),
  identify: (request) => userOf(request),
});
app.get('/', { websocket: true }, (socket) => {
  socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
});
await app.listen({ port: PORT, host: '127.0.0.1' });
