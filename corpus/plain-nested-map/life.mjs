// @ts-check
/** @satisfies {import('watertight').Recipe} */
const recipe = {
  name: 'plain-nested-map',
  description: 'one of four users opens a tab',
  async live(life) {
    const socket = await life.connect({ path: `/user-${life.index % 4}` });
    socket.send('how many tabs?');
    await socket.next();
  },
};
export default recipe;
