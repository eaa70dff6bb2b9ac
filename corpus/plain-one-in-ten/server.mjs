// Premium customers are remembered. For ever.
import http from 'node:http';
import { WebSocketServer } from 'ws';

const isFixed = process.env.VARIANT === 'fixed';
const premium = new Map();
let sequence = 0;

class Customer {
  constructor(number) {
    this.number = number;
    this.since = Date.now();
  }
}

function remember(number) {
  premium.set(number, new Customer(number));
}

const server = http.createServer();
new WebSocketServer({ server }).on('connection', (socket) => {
  sequence += 1;
  const number = sequence;
  if (number % 10 === 0) remember(number);
  socket.on('error', () => {});
  socket.on('message', (data) => socket.send(String(data)));
  socket.on('close', () => {
    if (isFixed) premium.delete(number);
  });
});
server.listen(Number(process.env.PORT ?? 0), '127.0.0.1');
