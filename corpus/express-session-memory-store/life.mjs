// @ts-check
/** @satisfies {import('watertight').Recipe} */
const recipe = {
  name: 'express-session-memory-store',
  description: 'opens the page without a cookie, then the WebSocket of the page',
  async live(life) {
    const page = await fetch(new URL('/', life.httpUrl), { headers: { connection: 'close' } });
    await page.text();
    const socket = await life.connect();
    socket.send('who am I?');
    await socket.next();
  },
};
export default recipe;
