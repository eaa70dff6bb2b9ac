// @ts-check
/** @satisfies {import('watertight').Recipe} */
const recipe = {
  name: 'control-lru-cache',
  description: 'reads a document of its own',
  async live(life) {
    const socket = await life.connect();
    socket.send(String(life.index));
    await socket.next();
  },
};
export default recipe;
