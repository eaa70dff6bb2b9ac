// A worker process for every connection, as a web terminal has it. It goes on when nobody is there any more.
import { spawn } from 'node:child_process';
import http from 'node:http';
import { WebSocketServer } from 'ws';

const isFixed = process.env.VARIANT === 'fixed';

/** Echoes, and ends when this process does, because its input ends then. */
function startWorker(socket) {
  const worker = spawn('cat', { stdio: ['pipe', 'pipe', 'ignore'] });
  worker.on('error', () => socket.close(1_011));
  worker.stdin.on('error', () => {});
  worker.stdout.on('data', (data) => {
    if (socket.readyState === socket.OPEN) socket.send(String(data));
  });
  return worker;
}

const server = http.createServer();
new WebSocketServer({ server }).on('connection', (socket) => {
  const worker = startWorker(socket);
  socket.on('error', () => {});
  socket.on('message', (data) => worker.stdin.write(data));
  socket.on('close', () => {
    if (isFixed) worker.kill('SIGKILL');
  });
});
server.listen(Number(process.env.PORT ?? 0), '127.0.0.1');
