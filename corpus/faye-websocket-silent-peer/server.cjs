// The server of the faye-websocket readme: echoes, and says goodbye to whoever asks for it.
const http = require('http');
const WebSocket = require('faye-websocket');

const server = http.createServer((request, response) => response.end('ok'));
server.on('upgrade', (request, socket, body) => {
  if (!WebSocket.isWebSocket(request)) return socket.destroy();
  const ws = new WebSocket(request, socket, body);
  ws.on('message', (event) => {
    if (event.data === 'quit') ws.close();
    else ws.send(event.data);
  });
});
server.listen(Number(process.env.PORT ?? 0), '127.0.0.1');
