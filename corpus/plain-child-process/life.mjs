// @ts-check
/** @satisfies {import('watertight').Recipe} */
const recipe = {
  name: 'plain-child-process',
  description: 'types something into its terminal',
  async live(life) {
    const socket = await life.connect();
    socket.send(`hello ${life.index}`);
    await socket.next();
  },
};
export default recipe;
