// @ts-check
import { createManagerFactory } from '@watertight/server';
import { guardCrossws } from '@watertight/server/crossws';
import { plugin } from 'crossws/server/node';
import { H3, defineWebSocketHandler, serve } from 'h3';
import { OPTIONS, PORT, userOf } from './options.js';

const guard = guardCrossws({ factory: createManagerFactory({ name: 'h3', ...OPTIONS }), identify: userOf });

const app = new H3();
app.get('/', defineWebSocketHandler({ message: (peer, message) => void peer.send(message.text()) }));
serve(app, {
  port: PORT,
  hostname: '127.0.0.1',
  silent: true,
  plugins: [plugin({ ...guard.hooks(), resolve: async (request) => Reflect.get(await app.fetch(request), 'crossws') })],
});
