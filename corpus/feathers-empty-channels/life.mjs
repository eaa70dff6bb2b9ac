// @ts-check
import { joinSocketIo } from '../speech/socket-io.mjs';

/** @satisfies {import('watertight').Recipe} */
const recipe = {
  name: 'feathers-empty-channels',
  description: 'opens a room of its own',
  path: '/socket.io/',
  async live(life) {
    const client = await joinSocketIo(life, { engine: 3 });
    await client.request('create', 'rooms', { name: `room-${life.index}` });
    return () => client.leave();
  },
};
export default recipe;
