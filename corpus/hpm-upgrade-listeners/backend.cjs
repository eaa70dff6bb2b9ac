// What is behind the proxy, in a process of its own. It takes WebSockets only from the proxy.
const http = require('http');
const { WebSocketServer } = require('ws');

const server = http.createServer((request, response) => response.end('backend\n'));
const wss = new WebSocketServer({
  server,
  verifyClient: ({ req }) => req.headers['x-forwarded-for'] !== undefined,
});
wss.on('connection', (socket) => {
  socket.on('error', () => {});
  socket.on('message', (data, binary) => socket.send(data, { binary }));
});
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
process.on('disconnect', () => process.exit(0));
