// Rooms, left by hand when the connection is gone, as many tutorials do it.
const http = require('http');

const server = http.createServer();
const io = require('socket.io')(server, { serveClient: false });

io.on('connection', (socket) => {
  let current;
  socket.on('join', (room, done) => {
    current = room;
    socket.join(room, () => done());
  });
  socket.on('disconnect', () => {
    if (current === undefined) return;
    socket.leave(current);
    io.to(current).emit('left', socket.id);
  });
});
server.listen(Number(process.env.PORT ?? 0), '127.0.0.1');
