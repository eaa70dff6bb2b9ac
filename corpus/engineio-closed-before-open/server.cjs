// The server of the Engine.IO readme: attached to an HTTP server, answers what it hears.
const http = require('http');
const engine = require('engine.io');

const server = http.createServer((request, response) => response.end('ok'));
const io = new engine.Server();
io.attach(server);
io.on('connection', (socket) => {
  socket.on('message', (message) => socket.send(message));
});
server.listen(Number(process.env.PORT ?? 0), '127.0.0.1');
