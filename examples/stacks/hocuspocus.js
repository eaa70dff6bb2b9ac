// @ts-check
import { Server } from '@hocuspocus/server';
import { createManagerFactory } from '@watertight/server';
import { guardHocuspocus } from '@watertight/server/hocuspocus';
import { OPTIONS, PORT, userOf } from './options.js';

const { extension } = guardHocuspocus({
  factory: createManagerFactory({ name: 'hocuspocus', ...OPTIONS }),
  identify: userOf,
});
const server = new Server({ quiet: true, extensions: [extension] });
server.httpServer.listen(PORT, '127.0.0.1');
