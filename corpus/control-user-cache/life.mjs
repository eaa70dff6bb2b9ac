// @ts-check
/** @satisfies {import('watertight').Recipe} */
const recipe = {
  name: 'control-user-cache',
  description: 'one of twenty users comes',
  async live(life) {
    const socket = await life.connect({ path: `/user-${Math.floor(life.random() * 20)}` });
    socket.send('hello again');
    await socket.next();
  },
};
export default recipe;
