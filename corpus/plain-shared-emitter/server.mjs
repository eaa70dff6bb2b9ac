// News for everybody who is connected, over one emitter.
import { EventEmitter } from 'node:events';
import http from 'node:http';
import { WebSocketServer } from 'ws';

const isFixed = process.env.VARIANT === 'fixed';
const news = new EventEmitter();
news.setMaxListeners(0); // "the warning was annoying"

function subscribe(socket) {
  const onNews = (text) => {
    if (socket.readyState === socket.OPEN) socket.send(text);
  };
  news.on('news', onNews);
  socket.on('close', () => {
    if (isFixed) news.off('news', onNews);
  });
}

const server = http.createServer();
new WebSocketServer({ server }).on('connection', (socket) => {
  subscribe(socket);
  socket.on('error', () => {});
  socket.on('message', (data) => news.emit('news', String(data)));
});
server.listen(Number(process.env.PORT ?? 0), '127.0.0.1');
