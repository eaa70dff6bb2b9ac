// @ts-check
/** @satisfies {import('watertight').Recipe} */
const recipe = {
  name: 'engineio-closed-before-open',
  description: 'opens a session and says something; some are gone before the session is open',
  path: '/engine.io/',
  async live(life) {
    const socket = await life.connect({ path: '/engine.io/?EIO=4&transport=websocket' });
    await socket.next((message) => String(message).startsWith('0'));
    socket.send('4hello');
    await socket.next((message) => String(message) === '4hello');
  },
};
export default recipe;
