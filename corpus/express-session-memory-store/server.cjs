// A page that opens a WebSocket, and a session that both share: the store that express-session brings along keeps every one.
const http = require('http');
const express = require('express');
const session = require('express-session');
const { WebSocketServer } = require('ws');

const app = express();
const sessions = session({
  secret: 'keyboard cat',
  resave: false,
  // Whether a session nobody has written to is kept: the old default, and what many still copy.
  saveUninitialized: process.env.VARIANT === 'buggy',
});
app.use(sessions);
app.get('/', (request, response) =>
  response.send('<script>new WebSocket(location.href.replace("http", "ws"))</script>'),
);

const server = http.createServer(app);
const wss = new WebSocketServer({ noServer: true });
server.on('upgrade', (request, socket, head) => {
  socket.on('error', () => {});
  sessions(request, {}, () => {
    wss.handleUpgrade(request, socket, head, (accepted) => {
      accepted.on('error', () => {});
      accepted.on('message', () => accepted.send(request.session.id));
    });
  });
});
server.listen(Number(process.env.PORT ?? 0), '127.0.0.1');
