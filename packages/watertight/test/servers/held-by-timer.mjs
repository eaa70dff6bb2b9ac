// @ts-check
// Keeps a record of every connection that has ended: node held-by-timer.mjs <ms> <released|kept>. After that time a timer
// looks after the record, and releases it or does not.
import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';

const [, , delay = '3000', asked = 'released'] = process.argv;

class Visit {
  endedAt = Date.now();
  pages = ['/'];
}

/** @type {Set<Visit>} */
const visits = new Set();
const server = createServer();
new WebSocketServer({ server }).on('connection', (socket) => {
  const visit = new Visit();
  visits.add(visit);
  socket.on('error', () => {});
  socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
  socket.on('close', () => {
    setTimeout(function lookAfter() {
      if (asked === 'released') visits.delete(visit);
    }, Number(delay));
  });
});
server.listen(0, '127.0.0.1');
