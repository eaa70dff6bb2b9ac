// @ts-check
/** @satisfies {import('watertight').Recipe} */
const recipe = {
  name: 'plain-pending-promise',
  description: 'asks, and does not wait for the answer',
  async live(life) {
    const socket = await life.connect();
    socket.send(`hello ${life.index}`);
    await socket.next();
  },
};
export default recipe;
