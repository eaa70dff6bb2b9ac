// @ts-check
/** @satisfies {import('watertight').Recipe} */
const recipe = {
  name: 'plain-promise-race',
  description: 'looks up four keys',
  async live(life) {
    const socket = await life.connect();
    for (let count = 0; count < 4; count += 1) {
      socket.send(`key-${life.index}-${count}`);
      await socket.next();
    }
  },
};
export default recipe;
