// The last 300 lines of the log, for a page that shows them.
import http from 'node:http';
import { WebSocketServer } from 'ws';

const MAX_LINES = 300;
const lines = [];

function log(text) {
  lines.push(`${new Date().toISOString()} ${text}`);
  if (lines.length > MAX_LINES) lines.shift();
}

const server = http.createServer((request, response) => response.end(lines.join('\n')));
new WebSocketServer({ server }).on('connection', (socket, request) => {
  log(`open ${request.socket.remotePort}`);
  socket.on('error', (error) => log(`error ${error.message}`));
  socket.on('message', (data) => {
    log(`message of ${data.length} bytes`);
    socket.send('logged');
  });
  socket.on('close', (code) => log(`close ${code}`));
});
server.listen(Number(process.env.PORT ?? 0), '127.0.0.1');
