// "Who is here?" over all nodes of a cluster, asked through Redis.
const { fork } = require('child_process');
const http = require('http');
const path = require('path');
const redis = require('redis');
const redisAdapter = require('socket.io-redis');

const redisServer = fork(path.join(__dirname, 'small-redis.cjs'));
redisServer.once('message', ({ port }) => {
  const pubClient = redis.createClient(port, '127.0.0.1');
  const subClient = redis.createClient(port, '127.0.0.1');
  const server = http.createServer();
  const io = require('socket.io')(server, { serveClient: false });
  io.adapter(redisAdapter({ pubClient, subClient }));
  io.on('connection', (socket) => {
    socket.join('lobby');
    socket.on('who is here', (answer) => {
      io.of('/').adapter.clients(['lobby'], (error, ids) => answer(error ? -1 : ids.length));
    });
  });
  server.listen(Number(process.env.PORT ?? 0), '127.0.0.1');
});
