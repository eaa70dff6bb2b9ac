// @ts-check
import { createServer } from 'node:http';
import { createManagerFactory } from '@watertight/server';
import { guard } from '@watertight/server/ws';
import express from 'express';
import { WebSocketServer } from 'ws';
import { OPTIONS, PORT, userOf } from './options.js';

const app = express();
app.get('/', (_request, response) => void response.send('Connect with a WebSocket client to /?user=<name>\n'));

const server = createServer(app);
const wss = new WebSocketServer({ noServer: true });
guard(server, wss, { factory: createManagerFactory({ name: 'express', ...OPTIONS }), identify: userOf });
wss.on('connection', (socket) => socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary })));
server.listen(PORT, '127.0.0.1');
