// @ts-check
/** @satisfies {import('watertight').Recipe} */
const recipe = {
  name: 'control-weak-cache',
  description: 'is a guest for a moment',
  async live(life) {
    const socket = await life.connect();
    socket.send(`hello ${life.index}`);
    await socket.next();
  },
};
export default recipe;
