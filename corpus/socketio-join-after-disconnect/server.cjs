// Whoever enters is looked up first, and joins the room of that user then.
const http = require('http');
const { Server } = require('socket.io');

/** A database, say. */
const lookUpUser = (name) => new Promise((resolve) => setTimeout(resolve, 40, { name, team: `team of ${name}` }));

const server = http.createServer();
const io = new Server(server);
io.on('connection', (socket) => {
  socket.on('enter', async ({ name }) => {
    const user = await lookUpUser(name);
    socket.join(`user:${user.name}`);
    socket.emit('entered', user.team);
  });
});
server.listen(Number(process.env.PORT ?? 0), '127.0.0.1');
