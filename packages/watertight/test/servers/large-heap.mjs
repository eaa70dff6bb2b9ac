// @ts-check
// A server with a large heap. `node large-heap.mjs kept|released|kept-of-silent`: of each connection a string stays in a Set, of none, or of each
// that did not answer a ping.
import { WebSocketServer } from 'ws';
import { endSilent } from './heartbeat.mjs';

/** About 80 MB. */
const records = Array.from({ length: 400_000 }, (_, number) => ({ number, text: `record ${number}`, seats: [number] }));
/** @type {Set<string>} */
const seen = new Set();
let count = 0;
const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
server.on('connection', (socket) => {
  count += 1;
  const name = `client ${count}`;
  seen.add(name);
  socket.on('error', () => undefined);
  socket.on('message', (data) => socket.send(data));
  if (process.argv[2] === 'kept') return;
  endSilent(socket, () => {
    if (process.argv[2] === 'kept-of-silent') socket.once('close', () => seen.add(`silent ${name}`));
  });
  socket.on('close', () => seen.delete(name));
});
server.on('listening', () => console.log(`${records.length} records`));
