// A service that falls over on every question: the connection drops instead of an answer.
const http = require('http');
const { Server } = require('socket.io');

const server = http.createServer();
new Server(server).on('connection', (socket) => {
  socket.on('ask', () => socket.conn.close());
});
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
process.on('disconnect', () => process.exit(0));
