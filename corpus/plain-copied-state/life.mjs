// @ts-check
/** @satisfies {import('watertight').Recipe} */
const recipe = {
  name: 'plain-copied-state',
  description: 'comes, says hello and goes',
  async live(life) {
    const socket = await life.connect();
    socket.send(`hello ${life.index}`);
    await socket.next();
  },
};
export default recipe;
