// Questions go to an operator; whoever leaves before the answer leaves the question behind.
import http from 'node:http';
import { WebSocketServer } from 'ws';

const isFixed = process.env.VARIANT === 'fixed';
const openQuestions = new Map();
let sequence = 0;

function ask(socket) {
  sequence += 1;
  const id = sequence;
  return new Promise((resolve, reject) => {
    openQuestions.set(id, { resolve, reject });
    socket.on('close', () => {
      if (isFixed && openQuestions.delete(id)) reject(new Error('nobody is waiting any more'));
    });
  });
}

const server = http.createServer();
new WebSocketServer({ server }).on('connection', (socket) => {
  socket.on('error', () => {});
  socket.on('message', async () => {
    socket.send('an operator will be with you');
    try {
      const answer = await ask(socket);
      socket.send(answer);
    } catch {
      // Gone.
    }
  });
});
server.listen(Number(process.env.PORT ?? 0), '127.0.0.1');
