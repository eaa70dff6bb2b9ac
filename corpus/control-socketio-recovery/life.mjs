// @ts-check
import { joinSocketIo } from '../speech/socket-io.mjs';

/** @satisfies {import('watertight').Recipe} */
const recipe = {
  name: 'control-socketio-recovery',
  description: 'says something, and is lost: only a lost connection can be recovered',
  path: '/socket.io/',
  query: { EIO: '4', transport: 'websocket' },
  endings: ['rst', 'fin'],
  async live(life) {
    const client = await joinSocketIo(life, { engine: 4 });
    await client.request('say', `text ${life.index}`);
  },
};
export default recipe;
