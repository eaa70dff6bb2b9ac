// @ts-check
/** @satisfies {import('watertight').Recipe} */
const recipe = {
  name: 'websocket-stream-clients',
  description: 'sends some bytes and gets them back',
  async live(life) {
    const socket = await life.connect();
    socket.send(Buffer.from(`hello ${life.index}`));
    await socket.next();
  },
};
export default recipe;
