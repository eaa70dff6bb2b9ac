// @ts-check
/** @satisfies {import('watertight').Recipe} */
const recipe = {
  name: 'sockjs-raw-no-close',
  description: 'a client without the SockJS library: a plain WebSocket on the raw address',
  path: '/echo/websocket',
  async live(life) {
    const socket = await life.connect({ path: '/echo/websocket' });
    socket.send(`hi ${life.index}`);
    await socket.next();
  },
};
export default recipe;
