// @ts-check
import { createServer } from 'node:http';
import { createManagerFactory } from '@watertight/server';
import { namespaceGuard } from '@watertight/server/socket.io';
import { Server } from 'socket.io';
import { OPTIONS, PORT, userOf } from './options.js';

const server = createServer();
const io = new Server(server);
const guard = namespaceGuard({
  factory: createManagerFactory({ name: 'socket.io', ...OPTIONS }),
  identify: (socket) => userOf(socket.request),
});
io.use(guard.middleware);
io.on('connection', (socket) => {
  guard.managerOf(socket)?.defer(() => socket.removeAllListeners());
  socket.on('message', (text) => socket.emit('message', String(text)));
});
server.listen(PORT, '127.0.0.1');
