// @ts-check
/** @satisfies {import('watertight').Recipe} */
const recipe = {
  name: 'control-session-store',
  description: 'uses its session once',
  async live(life) {
    const socket = await life.connect();
    socket.send(`hello ${life.index}`);
    await socket.next();
  },
};
export default recipe;
