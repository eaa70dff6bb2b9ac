// A gateway: browsers speak plain WebSocket to it, and it forwards what they ask over one Socket.IO connection that reconnects.
const { fork } = require('child_process');
const http = require('http');
const path = require('path');
const { io } = require('socket.io-client');
const { WebSocketServer } = require('ws');

const backend = fork(path.join(__dirname, 'backend.cjs'));
backend.once('message', ({ port }) => {
  const upstream = io(`http://127.0.0.1:${port}`, {
    transports: ['websocket'],
    reconnectionDelay: 5,
    reconnectionDelayMax: 10,
    randomizationFactor: 0,
  });
  const server = http.createServer();
  const wss = new WebSocketServer({ server });
  wss.on('connection', (socket) => {
    socket.on('error', () => {});
    socket.on('message', (question) => {
      upstream.emit('ask', String(question), (answer) => {
        if (socket.readyState === socket.OPEN) socket.send(answer);
      });
    });
  });
  server.listen(Number(process.env.PORT ?? 0), '127.0.0.1');
});
