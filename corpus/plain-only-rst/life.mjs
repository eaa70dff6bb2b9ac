// @ts-check
/** @satisfies {import('watertight').Recipe} */
const recipe = {
  name: 'plain-only-rst',
  description: 'says hello; how it ends makes the difference',
  async live(life) {
    const socket = await life.connect();
    socket.send(`hello ${life.index}`);
    await socket.next();
  },
};
export default recipe;
