// @ts-check
import { joinSocketIo } from '../speech/socket-io.mjs';

/** @satisfies {import('watertight').Recipe} */
const recipe = {
  name: 'socketio-leave-after-disconnect',
  description: 'joins a room and leaves',
  path: '/socket.io/',
  async live(life) {
    const client = await joinSocketIo(life, { engine: 3 });
    await client.request('join', `room-${life.index}`);
    return () => client.leave();
  },
};
export default recipe;
