// What is to be done at the end, as a list of functions.
import http from 'node:http';
import { WebSocketServer } from 'ws';

const isFixed = process.env.VARIANT === 'fixed';
let atTheEnd = [];
process.once('SIGTERM', () => {
  for (const goodbye of atTheEnd) goodbye();
  process.exit();
});

function welcome(socket) {
  const goodbye = () => socket.close(1_001);
  atTheEnd.push(goodbye);
  socket.on('close', () => {
    if (isFixed) atTheEnd = atTheEnd.filter((one) => one !== goodbye);
  });
}

const server = http.createServer();
new WebSocketServer({ server }).on('connection', (socket) => {
  welcome(socket);
  socket.on('error', () => {});
  socket.on('message', (data) => socket.send(String(data)));
});
server.listen(Number(process.env.PORT ?? 0), '127.0.0.1');
