// @ts-check
// Keeps a record of every connection that has ended: node held-by-timer.mjs <ms> <released|kept|swept|unswept|aged>. After that
// time a timer looks after the record, and releases it or does not; or one timer sweeps them all as often, or looks and sweeps
// nothing; or it sweeps four times as often what has ended for as long.
import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';

const [, , delay = '3000', asked = 'released'] = process.argv;

class Visit {
  endedAt = 0;
  pages = ['/'];
}

const isSwept = asked === 'swept' || asked === 'unswept' || asked === 'aged';
/** @type {Set<Visit>} */
const visits = new Set();
if (isSwept) {
  const oldEnoughMs = asked === 'aged' ? Number(delay) : 0;
  setInterval(
    function sweep() {
      for (const visit of visits)
        if (asked !== 'unswept' && visit.endedAt > 0 && Date.now() - visit.endedAt >= oldEnoughMs) visits.delete(visit);
    },
    Number(delay) / (asked === 'aged' ? 4 : 1),
  );
}
const server = createServer();
new WebSocketServer({ server }).on('connection', (socket) => {
  const visit = new Visit();
  visits.add(visit);
  socket.on('error', () => {});
  socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
  socket.on('close', () => {
    visit.endedAt = Date.now();
    if (isSwept) return;
    setTimeout(function lookAfter() {
      if (asked === 'released') visits.delete(visit);
    }, Number(delay));
  });
});
server.listen(0, '127.0.0.1');
