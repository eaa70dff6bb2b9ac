// @ts-check
import { joinSocketIo } from '../speech/socket-io.mjs';

/** @satisfies {import('watertight').Recipe} */
const recipe = {
  name: 'socketio-join-after-disconnect',
  description: 'enters, and leaves while the server is still looking it up',
  path: '/socket.io/',
  async live(life) {
    const client = await joinSocketIo(life, { engine: 4 });
    client.emit('enter', { name: `user-${life.index}` });
    await new Promise((resolve) => setTimeout(resolve, 5));
    return () => client.leave();
  },
};
export default recipe;
