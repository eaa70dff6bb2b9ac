// @ts-check
/** @satisfies {import('watertight').Recipe} */
const recipe = {
  name: 'plain-async-work',
  description: 'logs in, and every other one leaves before it is done',
  async live(life) {
    const socket = await life.connect();
    socket.send(`user-${life.index}`);
    await socket.next((message) => message === 'one moment');
    if (life.index % 2 === 1) await socket.next();
  },
};
export default recipe;
