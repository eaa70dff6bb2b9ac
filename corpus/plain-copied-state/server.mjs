// Who is online, in a state that is never changed but replaced, as reducers do.
import http from 'node:http';
import { WebSocketServer } from 'ws';

const isFixed = process.env.VARIANT === 'fixed';
let state = { online: [] };
let sequence = 0;

function reduce({ online }, { type, id, socket }) {
  if (type === 'join') return { online: [...online, id] };
  return { online: online.filter((one) => one !== (isFixed ? id : socket)) };
}

const server = http.createServer((request, response) => response.end(`${state.online.length} online`));
new WebSocketServer({ server }).on('connection', (socket) => {
  sequence += 1;
  const id = sequence;
  state = reduce(state, { type: 'join', id, socket });
  socket.on('error', () => {});
  socket.on('message', () => socket.send(`${state.online.length} online`));
  socket.on('close', () => {
    state = reduce(state, { type: 'leave', id, socket });
  });
});
server.listen(Number(process.env.PORT ?? 0), '127.0.0.1');
