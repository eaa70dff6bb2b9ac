// @ts-check
/** @satisfies {import('watertight').Recipe} */
const recipe = {
  name: 'control-lazy-code',
  description: 'uses one of four hundred templates',
  async live(life) {
    const socket = await life.connect();
    socket.send(String(life.index));
    await socket.next();
  },
};
export default recipe;
