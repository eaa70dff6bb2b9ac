// @ts-check
// Serves the same clients on two processes: node clustered-seats.mjs leaky|healthy. The leaky one keeps a seat of every
// connection in whichever process had it.
import cluster from 'node:cluster';
import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';

class Seat {
  takenAt = Date.now();
}

function serve() {
  /** @type {Set<Seat>} */
  const seats = new Set();
  const server = createServer();
  new WebSocketServer({ server }).on('connection', (socket) => {
    const seat = new Seat();
    seats.add(seat);
    socket.on('error', () => {});
    socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
    socket.on('close', () => {
      if (process.argv[2] !== 'leaky') seats.delete(seat);
    });
  });
  server.listen(0, '127.0.0.1');
}

if (cluster.isPrimary) for (let count = 0; count < 2; count += 1) cluster.fork();
else serve();
