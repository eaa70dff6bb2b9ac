// The server of the ShareDB readme, with one document.
const http = require('http');
const ShareDB = require('sharedb');
const WebSocketJSONStream = require('websocket-json-stream');
const WebSocket = require('ws');

const backend = new ShareDB();
backend.on('error', () => {});
const server = http.createServer((request, response) => response.end('ok'));
const wss = new WebSocket.Server({ server });
wss.on('connection', (socket) => {
  socket.on('error', () => {});
  const stream = new WebSocketJSONStream(socket);
  stream.on('error', () => {});
  backend.listen(stream);
});
backend
  .connect()
  .get('pads', 'shared')
  .create({ text: '' }, (error) => {
    if (error) throw error;
    server.listen(Number(process.env.PORT ?? 0), '127.0.0.1');
  });
