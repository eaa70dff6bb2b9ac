// Messages, counted for each connection: a series of the metric for everybody who was ever there.
import { randomUUID } from 'node:crypto';
import http from 'node:http';
import client from 'prom-client';
import { WebSocketServer } from 'ws';

const isFixed = process.env.VARIANT === 'fixed';
const messages = new client.Counter({
  name: 'messages_total',
  help: 'Messages received',
  labelNames: isFixed ? ['kind'] : ['kind', 'connection'],
});

const server = http.createServer(async (request, response) => response.end(await client.register.metrics()));
new WebSocketServer({ server }).on('connection', (socket) => {
  const connection = randomUUID();
  socket.on('error', () => {});
  socket.on('message', (data) => {
    messages.inc(isFixed ? { kind: 'text' } : { kind: 'text', connection });
    socket.send(String(data));
  });
});
server.listen(Number(process.env.PORT ?? 0), '127.0.0.1');
