// Knows everybody who is still there, and holds nobody: entries go when the garbage collector says so.
import http from 'node:http';
import { WebSocketServer } from 'ws';

const present = new Map();
const departures = new FinalizationRegistry((id) => present.delete(id));
let sequence = 0;

class Guest {
  constructor(id) {
    this.id = id;
    this.luggage = Array.from({ length: 20 }, (_, number) => `bag ${number} of guest ${id}`);
  }
}

const server = http.createServer();
new WebSocketServer({ server }).on('connection', (socket) => {
  sequence += 1;
  const guest = new Guest(sequence);
  present.set(guest.id, new WeakRef(guest));
  departures.register(guest, guest.id);
  socket.on('error', () => {});
  socket.on('message', () => socket.send(`guest ${guest.id} of ${present.size}`));
});
server.listen(Number(process.env.PORT ?? 0), '127.0.0.1');
