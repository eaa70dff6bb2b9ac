// A stream of server-sent events: one at once, then one every twenty seconds.
const { createHash } = require('crypto');
const http = require('http');

const server = http.createServer((request, response) => {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write('data: hello\n\n');
  const ticking = setInterval(() => response.write('data: tick\n\n'), 20_000);
  response.on('close', () => clearInterval(ticking));
});
// Enough of a WebSocket for whoever knocks at the proxy: greeted, then closed with whatever it says. Only the proxy is let in.
server.on('upgrade', (request, socket) => {
  socket.on('error', () => {});
  if (request.headers.connection === undefined || request.headers['x-from-proxy'] === undefined) {
    socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n');
    return;
  }
  const accept = createHash('sha1')
    .update(`${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
    .digest('base64');
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
  );
  socket.once('data', () => socket.end());
  socket.once('end', () => socket.end());
});
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
process.on('disconnect', () => process.exit(0));
