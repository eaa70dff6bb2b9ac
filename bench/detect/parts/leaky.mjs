// @ts-check
// A plain WebSocket server that keeps one session a connection, with as many records on its heap as it is told.
// node leaky.mjs <records>
import { WebSocketServer } from 'ws';
import { makeBallast } from './ballast.mjs';

class LeakedSession {
  /** @param {number} number */
  constructor(number) {
    this.startedAt = number + 0.25;
    this.messages = [number];
  }

  toString() {
    return String(this.startedAt);
  }
}

const ballast = makeBallast(Number(process.argv[2] ?? 0));
/** @type {Map<number, LeakedSession>} */
const sessions = new Map();
const server = new WebSocketServer({ port: Number(process.env['PORT'] ?? 0), host: '127.0.0.1' });
server.on('connection', (socket) => {
  sessions.set(sessions.size, new LeakedSession(sessions.size));
  socket.on('error', () => undefined);
  socket.on('message', (data) => socket.send(data));
});
server.on('listening', () => console.log(`${ballast.length} records`));
