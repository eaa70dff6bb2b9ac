// @ts-check
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { WsAdapter } from '@nestjs/platform-ws';
import { WebSocketGateway } from '@nestjs/websockets';
import { createManagerFactory } from '@watertight/server';
import { guardGateways } from '@watertight/server/nestjs';
import { WebSocketServer } from 'ws';
import { OPTIONS, PORT, userOf } from './options.js';

class Echo {
  /** @param {import('ws').WebSocket} client */
  handleConnection(client) {
    client.on('message', (data, isBinary) => client.send(data, { binary: isBinary }));
  }
}
// With TypeScript these are decorators.
WebSocketGateway()(Echo);

class App {
  gateways = [Echo];
}
Module({ providers: [Echo] })(App);

const app = await NestFactory.create(App, { logger: false });
const { adapter } = guardGateways(new WsAdapter(app), {
  factory: createManagerFactory({ name: 'nestjs', ...OPTIONS }),
  server: /** @type {import('node:http').Server} */ (app.getHttpServer()),
  WebSocketServer,
  identify: userOf,
});
app.useWebSocketAdapter(adapter);
await app.listen(PORT, '127.0.0.1');
