// @ts-check
/** @satisfies {import('watertight').Recipe} */
const recipe = {
  name: 'control-history-ring',
  description: 'asks which connection it is',
  async live(life) {
    const socket = await life.connect();
    socket.send(`hello ${life.index}`);
    await socket.next();
  },
};
export default recipe;
