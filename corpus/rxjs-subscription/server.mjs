// Prices for everybody who is connected, over one Subject.
import http from 'node:http';
import { Subject } from 'rxjs';
import { WebSocketServer } from 'ws';

const isFixed = process.env.VARIANT === 'fixed';
const prices = new Subject();

function watch(socket) {
  const subscription = prices.subscribe((price) => {
    if (socket.readyState === socket.OPEN) socket.send(String(price));
  });
  socket.on('close', () => {
    if (isFixed) subscription.unsubscribe();
  });
}

const server = http.createServer();
new WebSocketServer({ server }).on('connection', (socket) => {
  watch(socket);
  socket.on('error', () => {});
  socket.on('message', (data) => prices.next(Number(data)));
});
server.listen(Number(process.env.PORT ?? 0), '127.0.0.1');
