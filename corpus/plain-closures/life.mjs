// @ts-check
/** @satisfies {import('watertight').Recipe} */
const recipe = {
  name: 'plain-closures',
  description: 'says hello',
  async live(life) {
    const socket = await life.connect();
    socket.send(`hello ${life.index}`);
    await socket.next();
  },
};
export default recipe;
