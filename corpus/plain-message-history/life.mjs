// @ts-check
/** @satisfies {import('watertight').Recipe} */
const recipe = {
  name: 'plain-message-history',
  description: 'says one thing',
  async live(life) {
    const socket = await life.connect();
    socket.send(`hello ${life.index}`);
    await socket.next();
  },
};
export default recipe;
