// @ts-check
/** @satisfies {import('watertight').Recipe} */
const recipe = {
  name: 'plain-one-in-twenty',
  description: 'has a statement prepared',
  async live(life) {
    const socket = await life.connect();
    socket.send(`hello ${life.index}`);
    await socket.next();
  },
};
export default recipe;
