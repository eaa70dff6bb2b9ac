// Speaks WebSocket at /live, and answers everything else, upgrades too, as an ordinary request: 404.
const { createHash } = require('crypto');
const http = require('http');
const net = require('net');

const server = http.createServer((request, response) => {
  response.writeHead(404, { 'content-type': 'text/plain' });
  response.end('no such thing\n');
});
server.keepAliveTimeout = 600_000;
server.listen(0, '127.0.0.1');

// A listener for "upgrade" would take the other upgrades away from the server above: /live is recognised before it.
const front = net.createServer((socket) => {
  socket.on('error', () => {});
  socket.once('data', (head) => {
    const text = head.toString('latin1');
    if (!/^GET \/live[ ?]/.test(text) || !/^x-from-proxy:/im.test(text)) {
      const behind = net.connect(server.address().port, '127.0.0.1');
      behind.on('error', () => socket.destroy());
      behind.write(head);
      socket.pipe(behind).pipe(socket);
      return;
    }
    const accept = createHash('sha1')
      .update(`${/^sec-websocket-key: (.*)\r$/im.exec(text)?.[1]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
      .digest('base64');
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    );
    socket.once('data', () => socket.end());
  });
});
front.listen(0, '127.0.0.1', () => process.send({ port: front.address().port }));
process.on('disconnect', () => process.exit(0));
