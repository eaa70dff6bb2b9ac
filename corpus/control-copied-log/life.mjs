// @ts-check
/** @satisfies {import('watertight').Recipe} */
const recipe = {
  name: 'control-copied-log',
  description: 'has a line logged',
  async live(life) {
    const socket = await life.connect();
    socket.send(`hello ${life.index}`);
    await socket.next();
  },
};
export default recipe;
