// @ts-check
/** @satisfies {import('watertight').Recipe} */
const recipe = {
  name: 'control-deflate',
  description: 'asks for a large page and offers to have it compressed',
  async live(life) {
    const { WebSocket } = await import('ws');
    const socket = new WebSocket(life.url, { perMessageDeflate: true, headers: { ...life.headers } });
    life.onDispose(() => socket.terminate());
    await new Promise((resolve, reject) => {
      socket.on('error', reject);
      socket.once('open', () => socket.send('the page, please'));
      socket.once('message', resolve);
    });
    socket.removeAllListeners('error').on('error', () => undefined);
    return () => socket.close();
  },
};
export default recipe;
