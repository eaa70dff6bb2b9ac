// @ts-check
import { createServer } from 'node:http';
import { createManagerFactory } from '@watertight/server';
import { guardEngine } from '@watertight/server/socket.io';
import { Server } from 'socket.io';
import { OPTIONS, PORT, userOf } from './options.js';

const server = createServer();
const io = new Server(server);
guardEngine(io, { factory: createManagerFactory({ name: 'socket.io', ...OPTIONS }), identify: userOf });
io.on('connection', (socket) => {
  socket.on('message', (text) => socket.emit('message', String(text)));
});
server.listen(PORT, '127.0.0.1');
