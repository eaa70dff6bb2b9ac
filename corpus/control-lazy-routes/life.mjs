// @ts-check
/** @satisfies {import('watertight').Recipe} */
const recipe = {
  name: 'control-lazy-routes',
  description: 'calls one of many routes',
  async live(life) {
    const socket = await life.connect();
    socket.send(String(life.index));
    await socket.next();
  },
};
export default recipe;
