// The last 500 connections, with what they said, for a page that shows them.
import http from 'node:http';
import { WebSocketServer } from 'ws';

class Ring {
  constructor(size) {
    this.slots = Array.from({ length: size }, () => null);
    this.at = 0;
  }
  push(value) {
    this.slots[this.at] = value;
    this.at = (this.at + 1) % this.slots.length;
  }
}

class ConnectionRecord {
  constructor(request) {
    this.port = request.socket.remotePort;
    this.headers = { ...request.headers };
    this.openedAt = new Date();
    this.messages = [];
  }
}

const history = new Ring(500);
const server = http.createServer((request, response) => response.end(JSON.stringify(history.slots.filter(Boolean))));
new WebSocketServer({ server }).on('connection', (socket, request) => {
  const record = new ConnectionRecord(request);
  history.push(record);
  socket.on('error', () => {});
  socket.on('message', (data) => {
    record.messages.push({ at: Date.now(), text: String(data) });
    socket.send(`you are connection ${data}`);
  });
  socket.on('close', (code) => {
    record.closedAt = new Date();
    record.code = code;
  });
});
server.listen(Number(process.env.PORT ?? 0), '127.0.0.1');
