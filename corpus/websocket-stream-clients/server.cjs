// The echo of the websocket-stream readme.
const http = require('http');
const websocket = require('websocket-stream');

const server = http.createServer();
websocket.createServer({ server }, (stream) => {
  stream.on('error', () => {});
  stream.pipe(stream);
});
server.listen(Number(process.env.PORT ?? 0), '127.0.0.1');
