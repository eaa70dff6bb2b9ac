// One namespace per document, made by the first who opens it. Whether it goes with the last is an option that is off by default.
const http = require('http');
const { Server } = require('socket.io');

const server = http.createServer();
const io = new Server(server, { cleanupEmptyChildNamespaces: process.env.VARIANT === 'fixed' });
io.of(/^\/doc-\w+$/).on('connection', (socket) => {
  socket.on('edit', (text, done) => {
    socket.nsp.emit('edited', text);
    done();
  });
});
server.listen(Number(process.env.PORT ?? 0), '127.0.0.1');
