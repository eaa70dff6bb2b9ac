// @ts-check
/** @satisfies {import('watertight').Recipe} */
const recipe = {
  name: 'wps-unhandled-listener',
  description: 'a page with hot reloading is opened and reloaded',
  path: '/wps',
  async live(life) {
    const socket = await life.connect({ path: '/wps' });
    await socket.nextJson((/** @type {{ action?: string }} */ message) => message.action === 'connected');
  },
};
export default recipe;
