// @ts-check
/** @satisfies {import('watertight').Recipe} */
const recipe = {
  name: 'engineio-handshake-error',
  description: 'a client of an older protocol version connects and waits to be told',
  path: '/engine.io/',
  // It stays: whoever is told nothing does not leave.
  endings: ['vanish'],
  async live(life) {
    const socket = await life.connect({ path: '/engine.io/?EIO=3&transport=websocket' }).catch(() => undefined);
    await Promise.race([socket?.closed, new Promise((resolve) => setTimeout(resolve, 60))]);
  },
};
export default recipe;
