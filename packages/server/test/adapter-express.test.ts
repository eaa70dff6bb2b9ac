import { type IncomingMessage, createServer } from 'node:http';
import express from 'express';
import { type WebSocket, WebSocketServer } from 'ws';
import { guard } from '../src/adapters/ws.ts';
import type { Manager } from '../src/manager.ts';
import { webSocketSpeech } from './conformance-kit.ts';
import { conformance } from './conformance.suite.ts';
import { userOf } from './guarded-server.ts';

conformance({
  name: 'Express, through its HTTP server',
  can: {
    early: true,
    asks: true,
    closeCodes: true,
    messages: true,
    reports: true,
    endsRefused: true,
    tellsLimit: true,
  },
  speech: webSocketSpeech,
  serve: (factory, { identify = (user) => user, message = (_manager, text) => `echo ${text}`, began, ...options }) => {
    const app = express();
    app.get('/', (_request, response) => void response.send('plain'));
    const server = createServer(app);
    const wss = new WebSocketServer({ noServer: true });
    wss.on('connection', (webSocket: WebSocket, _request: IncomingMessage, manager: Manager) => {
      began?.(manager);
      webSocket.on('message', (data: Buffer) => webSocket.send(message(manager, String(data))));
    });
    const guarding = guard(server, wss, { factory, identify: (request) => identify(userOf(request)), ...options });
    return { server, guard: guarding, close: () => wss.close() };
  },
});
