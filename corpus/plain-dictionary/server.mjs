// An object as a dictionary: what stays is a key, a text made for every connection, and no object at all.
import { WebSocketServer } from 'ws';

const isFixed = process.env.VARIANT === 'fixed';

const portOf = {};

let visitorCount = 0;

function register(port) {
  visitorCount += 1;
  const visitor = `visitor-${visitorCount}`;
  portOf[visitor] = port;
  return visitor;
}

const server = new WebSocketServer({ port: Number(process.env.PORT ?? 0), host: '127.0.0.1' });
server.on('connection', (socket, request) => {
  const visitor = register(request.socket.remotePort);
  socket.on('error', () => {});
  socket.on('message', () => socket.send(String(portOf[visitor])));
  socket.on('close', () => {
    if (isFixed) delete portOf[visitor];
  });
});
