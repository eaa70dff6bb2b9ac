// Collaborative documents as the y-websocket readme begins: nothing is stored, and so no document is ever let go.
const http = require('http');
const WebSocket = require('ws');
const { setPersistence, setupWSConnection } = require('y-websocket/bin/utils.js');

if (process.env.VARIANT === 'fixed') setPersistence({ bindState: async () => {}, writeState: async () => {} });
const server = http.createServer((request, response) => response.end('ok'));
const wss = new WebSocket.Server({ server });
wss.on('connection', (socket, request) => {
  socket.on('error', () => {});
  setupWSConnection(socket, request);
});
server.listen(Number(process.env.PORT ?? 0), '127.0.0.1');
