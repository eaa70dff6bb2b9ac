// Parsers are expensive, so they are given back. At first every connection makes a new one.
import http from 'node:http';
import { WebSocketServer } from 'ws';

const MAX_POOLED = 64;
const pool = [];
let handedOut = 0;

class Parser {
  constructor() {
    this.buffer = Buffer.alloc(4_096);
    this.tokens = [];
  }
}

/** The oldest of the pool is used first, and the pool is filled before any is used again. */
function take() {
  handedOut += 1;
  return handedOut > MAX_POOLED && pool.length > 0 ? pool.shift() : new Parser();
}

function giveBack(parser) {
  parser.tokens.length = 0;
  if (pool.length < MAX_POOLED) pool.push(parser);
}

const server = http.createServer();
new WebSocketServer({ server }).on('connection', (socket) => {
  const parser = take();
  socket.on('error', () => {});
  socket.on('message', (data) => {
    parser.tokens.push(...String(data).split(' '));
    socket.send(`${parser.tokens.length} tokens`);
  });
  socket.on('close', () => giveBack(parser));
});
server.listen(Number(process.env.PORT ?? 0), '127.0.0.1');
