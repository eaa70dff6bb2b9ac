// @ts-check
/** @satisfies {import('watertight').Recipe} */
const recipe = {
  name: 'prom-client-labels',
  description: 'says a number and hears it back',
  async live(life) {
    const socket = await life.connect();
    socket.send(String(life.index));
    await socket.next();
  },
};
export default recipe;
