// A gateway of Nest that counts who is online; what TypeScript's decorators would do is written out.
require('reflect-metadata');
const http = require('http');
const { Module } = require('@nestjs/common');
const { NestFactory } = require('@nestjs/core');
const { SubscribeMessage, WebSocketGateway } = require('@nestjs/websockets');
const { IoAdapter } = require('@nestjs/websockets/adapters/io-adapter');
const socketIo = require('socket.io');

/** The stock adapter, on the loopback interface only. */
class LoopbackAdapter extends IoAdapter {
  create(port) {
    return socketIo(http.createServer().listen(port, '127.0.0.1'));
  }
  createIOServer(port) {
    return this.create(port);
  }
}

class ChatGateway {
  online = 0;
  handleConnection() {
    this.online += 1;
  }
  handleDisconnect() {
    this.online -= 1;
  }
  onPing(client, data) {
    client.emit('pong', data);
  }
}
const onPing = Object.getOwnPropertyDescriptor(ChatGateway.prototype, 'onPing');
SubscribeMessage({ value: 'ping' })(ChatGateway.prototype, 'onPing', onPing);
WebSocketGateway({ port: Number(process.env.PORT ?? 3_000) })(ChatGateway);

class AppModule {}
Module({ modules: [], components: [ChatGateway] })(AppModule);

void (async () => {
  const app = await NestFactory.create(AppModule);
  app.useWebSocketAdapter(new LoopbackAdapter());
  await app.init();
})();
