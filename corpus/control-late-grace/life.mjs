// @ts-check
/** @satisfies {import('watertight').Recipe} */
const recipe = {
  name: 'control-late-grace',
  description: 'gets a session',
  async live(life) {
    const socket = await life.connect();
    socket.send(`hello ${life.index}`);
    await socket.next();
  },
};
export default recipe;
