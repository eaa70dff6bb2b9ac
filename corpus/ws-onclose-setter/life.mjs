// @ts-check
/** @satisfies {import('watertight').Recipe} */
const recipe = {
  name: 'ws-onclose-setter',
  description: 'says hello and gets an answer',
  async live(life) {
    const socket = await life.connect();
    socket.send(`hi ${life.index}`);
    await socket.next();
  },
};
export default recipe;
