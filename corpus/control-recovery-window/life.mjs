// @ts-check
/** @satisfies {import('watertight').Recipe} */
const recipe = {
  name: 'control-recovery-window',
  description: 'gets an id to recover with',
  async live(life) {
    const socket = await life.connect();
    socket.send(`hello ${life.index}`);
    await socket.next();
  },
};
export default recipe;
