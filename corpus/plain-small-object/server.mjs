// The smallest leak that is worth the name: two numbers for every connection.
import http from 'node:http';
import { WebSocketServer } from 'ws';

const isFixed = process.env.VARIANT === 'fixed';
const visits = [];

function note(port) {
  const visit = { port, at: performance.now() | 0 };
  if (!isFixed) visits.push(visit);
  return visit;
}

const server = http.createServer();
new WebSocketServer({ server }).on('connection', (socket, request) => {
  const visit = note(request.socket.remotePort);
  socket.on('error', () => {});
  socket.on('message', () => socket.send(`you came at ${visit.at}`));
});
server.listen(Number(process.env.PORT ?? 0), '127.0.0.1');
