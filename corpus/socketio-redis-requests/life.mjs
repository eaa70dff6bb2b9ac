// @ts-check
import { joinSocketIo } from '../speech/socket-io.mjs';

/** @satisfies {import('watertight').Recipe} */
const recipe = {
  name: 'socketio-redis-requests',
  description: 'asks who is in the lobby',
  path: '/socket.io/',
  async live(life) {
    const client = await joinSocketIo(life, { engine: 3 });
    const [count] = await client.request('who is here');
    if (!(count >= 0)) throw new Error(`the cluster gave no answer: ${count}`);
    return () => client.leave();
  },
};
export default recipe;
