// Collaborative documents with a persistence, as the y-websocket readme describes; the store itself does nothing here.
const http = require('http');
const WebSocket = require('ws');
const { setPersistence, setupWSConnection } = require('y-websocket/bin/utils.js');

setPersistence({ bindState: async () => {}, writeState: async () => {} });
const server = http.createServer((request, response) => response.end('ok'));
const wss = new WebSocket.Server({ server });
wss.on('connection', (socket, request) => {
  socket.on('error', () => {});
  setupWSConnection(socket, request);
});
server.listen(Number(process.env.PORT ?? 0), '127.0.0.1');
