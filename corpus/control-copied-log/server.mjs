// The last 100 lines of the log, in a list that is never changed but replaced.
import http from 'node:http';
import { WebSocketServer } from 'ws';

const MAX_LINES = 100;
let lines = [];

function log(text) {
  lines = [...lines.slice(1 - MAX_LINES), `${new Date().toISOString()} ${text}`];
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
