// @ts-check
/** @satisfies {import('watertight').Recipe} */
const recipe = {
  name: 'wps-unhandled-listener',
  description: 'a page with hot reloading is opened and reloaded',
  path: '/wps',
  // A frame that is not one ends these versions: their WebSocket has no listener for `error`.
  endings: ['close-frame', 'rst', 'fin', 'abort-in-upgrade', 'abort-after-response', 'during-work', 'mid-frame'],
  async live(life) {
    const socket = await life.connect({ path: '/wps' });
    await socket.nextJson((/** @type {{ action?: string }} */ message) => message.action === 'connected');
  },
};
export default recipe;
