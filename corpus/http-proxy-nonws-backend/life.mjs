// @ts-check
import { openRaw } from '../speech/raw-socket.mjs';

/** @satisfies {import('watertight').Recipe} */
const recipe = {
  name: 'http-proxy-nonws-backend',
  description: 'asks for a WebSocket where there is none, and leaves when the server does',
  path: '/live',
  endings: ['as-written'],
  async live(life) {
    const ended = openRaw(new URL('/gone', life.url)).catch(() => undefined);
    const peer = await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 120))]);
    peer?.socket.end();
    await new Promise((resolve) => setTimeout(resolve, 20));
  },
};
export default recipe;
