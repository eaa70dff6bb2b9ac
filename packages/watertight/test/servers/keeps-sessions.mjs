// @ts-check
// Remembers every connection by a session; `leaky` never forgets one. Runs on Node, Deno and Bun alike: node keeps-sessions.mjs [leaky]
import { WebSocketServer } from 'ws';

class Session {
  /** @param {number} number */
  constructor(number) {
    this.number = number;
    // So much that it shows from outside, where nobody can look into the process.
    this.said = Buffer.alloc(200_000, number % 256);
  }

  toString() {
    return `session ${this.number}`;
  }
}

const isLeaky = process.argv[2] === 'leaky';
/** @type {Map<number, Session>} */
const sessions = new Map();
let count = 0;
const server = new WebSocketServer({ port: Number(process.env['PORT'] ?? 0), host: '127.0.0.1' });
server.on('connection', (socket) => {
  const number = (count += 1);
  sessions.set(number, new Session(number));
  socket.on('error', () => undefined);
  socket.on('message', (data) => socket.send(data));
  if (!isLeaky) socket.on('close', () => sessions.delete(number));
});
server.on('listening', () => {
  const address = server.address();
  console.log(`listening on port ${address !== null && typeof address === 'object' ? address.port : 0}`);
});
