// @ts-check
import { once } from 'node:events';
import { createChat } from './chat.js';
import { readFlags } from './flags.js';

try {
  const { port = 0, ...options } = readFlags();
  const chat = createChat(options);

  // Once: whoever presses Ctrl-C a second time wants to be out at once.
  process.once('SIGINT', () => void chat.close());
  process.once('SIGTERM', () => void chat.close());

  chat.server.listen(port, '127.0.0.1');
  await once(chat.server, 'listening');
  const address = chat.server.address();
  console.log(`chat: ws://127.0.0.1:${typeof address === 'object' ? address?.port : port}/?user=<name>`);
} catch (error) {
  console.error(`chat: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 2;
}
