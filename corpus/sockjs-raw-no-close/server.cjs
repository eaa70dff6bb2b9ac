// An echo service that knows who is online, as any broadcast needs to.
const http = require('http');
const sockjs = require('sockjs');

const online = new Set();
const echo = sockjs.createServer({ sockjs_url: 'http://127.0.0.1/sockjs.js', log: () => {} });
echo.on('connection', (connection) => {
  if (!connection) return;
  online.add(connection);
  connection.on('data', (message) => connection.write(message));
  connection.on('close', () => online.delete(connection));
});
const server = http.createServer();
echo.installHandlers(server, { prefix: '/echo' });
server.listen(Number(process.env.PORT ?? 0), '127.0.0.1');
