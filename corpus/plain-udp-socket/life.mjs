// @ts-check
/** @satisfies {import('watertight').Recipe} */
const recipe = {
  name: 'plain-udp-socket',
  description: 'has something measured',
  async live(life) {
    const socket = await life.connect();
    socket.send(`hello ${life.index}`);
    await socket.next();
  },
};
export default recipe;
