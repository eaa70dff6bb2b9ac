// @ts-check
import http from 'node:http';

/** @satisfies {import('watertight').Recipe} */
const recipe = {
  name: 'http-proxy-client-abort',
  description: 'a tab with an event stream is closed',
  endings: ['rst'],
  async live(life) {
    await new Promise((resolve, reject) => {
      const request = http.get(new URL('/events', life.httpUrl), { agent: false }, (response) => {
        response.on('error', () => undefined);
        response.once('data', resolve);
      });
      request.on('error', reject);
      life.onDispose(() => request.socket?.resetAndDestroy());
    });
  },
};
export default recipe;
