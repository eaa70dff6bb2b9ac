// One namespace per document, made when somebody opens it and cleaned up behind the last one; several nodes share a Redis.
const { fork } = require('child_process');
const http = require('http');
const path = require('path');
const { createAdapter } = require('@socket.io/redis-adapter');
const Redis = require('ioredis');
const { Server } = require('socket.io');

const redis = fork(path.join(__dirname, 'small-redis.cjs'));
redis.once('message', ({ port }) => {
  const pub = new Redis({ port, host: '127.0.0.1' });
  const sub = pub.duplicate();
  for (const client of [pub, sub]) client.on('error', (error) => console.error(error.message));
  const server = http.createServer();
  const io = new Server(server, { adapter: createAdapter(pub, sub), cleanupEmptyChildNamespaces: true });
  io.of(/^\/doc-\w+$/).on('connection', (socket) => {
    socket.on('edit', (text, done) => {
      socket.nsp.emit('edited', text);
      done();
    });
  });
  server.listen(Number(process.env.PORT ?? 0), '127.0.0.1');
});
