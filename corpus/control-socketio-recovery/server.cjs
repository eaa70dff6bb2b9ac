// Connections can be recovered for two seconds after they were lost; Socket.IO purges what is over once a minute.
const http = require('http');
const { Server } = require('socket.io');

const server = http.createServer();
const io = new Server(server, { connectionStateRecovery: { maxDisconnectionDuration: 2_000 } });
io.on('connection', (socket) => {
  socket.on('say', (text, done) => {
    socket.emit('said', text);
    done();
  });
});
server.listen(Number(process.env.PORT ?? 0), '127.0.0.1');
