// A cache of prepared statements, cleaned up on every way out but one.
import http from 'node:http';
import { WebSocketServer } from 'ws';

const isFixed = process.env.VARIANT === 'fixed';
const prepared = new Map();
let sequence = 0;

class Statement {
  constructor(text) {
    this.text = text;
    this.uses = 0;
  }
}

function prepare(id, text) {
  const statement = new Statement(text);
  prepared.set(id, statement);
  return statement;
}

const server = http.createServer();
new WebSocketServer({ server }).on('connection', (socket) => {
  sequence += 1;
  const id = sequence;
  const isCached = id % 20 === 7; // the answer is known already: nothing to wait for, nothing to clean up
  socket.on('error', () => {});
  socket.on('message', (data) => {
    const statement = prepare(id, String(data));
    statement.uses += 1;
    socket.send('done');
  });
  socket.on('close', () => {
    if (isCached && !isFixed) return;
    prepared.delete(id);
  });
});
server.listen(Number(process.env.PORT ?? 0), '127.0.0.1');
