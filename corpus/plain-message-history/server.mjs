// A history that is meant for those who come later, and has no end. The other one keeps the last hundred.
import { WebSocketServer } from 'ws';

const isFixed = process.env.VARIANT === 'fixed';

const KEPT = 100;

const history = [];

function remember(text) {
  const said = { text, at: new Date() };
  history.push(said);
  if (isFixed && history.length > KEPT) history.shift();
}

const server = new WebSocketServer({ port: Number(process.env.PORT ?? 0), host: '127.0.0.1' });
server.on('connection', (socket) => {
  socket.on('error', () => {});
  socket.on('message', (data) => {
    remember(String(data));
    socket.send(String(history.length));
  });
});
