// @ts-check
import { createManagerFactory } from '@watertight/server';
import { guardCrossws } from '@watertight/server/crossws';
import { plugin } from 'crossws/server/node';
import { H3, defineWebSocketHandler, serve } from 'h3';
import { OPTIONS, PORT, userOf } from './options.js';

const guard = guardCrossws({ factory: createManagerFactory({ name: 'h3', ...OPTIONS }), identify: userOf });

const app = new H3();
app.get('/', defineWebSocketHandler({ message: (peer, message) => void peer.send(message.text()) }));
/** @param {Request} request @returns {Promise<Partial<import('crossws').Hooks>>} */
const resolve = async (request) =>
  /** @type {{ crossws?: Partial<import('crossws').Hooks> }} */ (await app.fetch(request)).crossws ?? {};
serve(app, {
  port: PORT,
  hostname: '127.0.0.1',
  silent: true,
  plugins: [plugin({ ...guard.hooks(), resolve })],
});
