// @ts-check
import { joinSocketIo } from '../speech/socket-io.mjs';

/** @satisfies {import('watertight').Recipe} */
const recipe = {
  name: 'socketio-join-after-disconnect',
  description: 'enters, and leaves while the server is still looking it up',
  path: '/socket.io/',
  // Not during the upgrade: both versions never forget whoever leaves then (engineio-closed-before-open).
  endings: [
    'close-frame',
    'rst',
    'fin',
    'protocol-error',
    'abort-after-response',
    'during-work',
    'mid-frame',
    'oversized-frame',
  ],
  async live(life) {
    const client = await joinSocketIo(life, { engine: 4 });
    client.emit('enter', { name: `user-${life.index}` });
    await new Promise((resolve) => setTimeout(resolve, 5));
    return () => client.leave();
  },
};
export default recipe;
