// @ts-check
/** @typedef {{ a?: string }} Message */

/** @satisfies {import('watertight').Recipe} */
const recipe = {
  name: 'sharedb-doc-resubscribe',
  description: 'subscribes to the same document twice',
  async live(life) {
    const socket = await life.connect();
    await socket.nextJson((/** @type {Message} */ message) => message.a === 'init');
    for (let count = 0; count < 2; count += 1) {
      socket.sendJson({ a: 's', c: 'pads', d: 'shared', v: null });
      await socket.nextJson((/** @type {Message} */ message) => message.a === 's');
    }
  },
};
export default recipe;
