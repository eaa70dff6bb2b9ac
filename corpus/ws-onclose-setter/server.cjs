// The browser's way of writing handlers, which ws documents too.
const http = require('http');
const WebSocketServer = require('ws').Server;

const server = http.createServer();
const wss = new WebSocketServer({ server });
let online = 0;
wss.on('connection', (socket) => {
  online += 1;
  socket.onerror = () => {};
  socket.onmessage = (event) => socket.send(`${online} online, you said: ${event.data}`);
  socket.onclose = () => {
    online -= 1;
  };
});
server.listen(Number(process.env.PORT ?? 0), '127.0.0.1');
