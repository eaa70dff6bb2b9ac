// Customers wait for their order to be ready: a route that only pushes, as in the readme of @fastify/websocket.
const fastify = require('fastify')();

/** Order id to the sockets that want to hear when it is ready. */
const waiting = new Map();

fastify.register(require('@fastify/websocket'));
fastify.register(async (app) => {
  app.get('/orders/:id', { websocket: true }, (connection, request) => {
    const socket = connection.socket ?? connection; // version 10 hands out the socket itself
    const { id } = request.params;
    if (!waiting.has(id)) waiting.set(id, new Set());
    waiting.get(id).add(socket);
    socket.on('close', () => {
      waiting.get(id).delete(socket);
      if (waiting.get(id).size === 0) waiting.delete(id);
    });
    socket.on('error', () => {});
    socket.send('waiting');
  });
  app.post('/orders/:id/ready', async (request) => {
    for (const socket of waiting.get(request.params.id) ?? []) socket.send('ready');
    return {};
  });
});
fastify.listen({ port: Number(process.env.PORT ?? 0), host: '127.0.0.1' });
