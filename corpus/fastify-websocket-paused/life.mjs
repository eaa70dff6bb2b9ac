// @ts-check
const SAID_BYTES = 16_384;

/** @satisfies {import('watertight').Recipe} */
const recipe = {
  name: 'fastify-websocket-paused',
  description: 'waits for an order, and says more meanwhile than anybody reads',
  path: '/orders/0',
  async live(life) {
    const socket = await life.connect({ path: `/orders/${life.index}` });
    await socket.next((message) => message === 'waiting');
    // One after another, until every buffer is full that nobody empties.
    for (let count = 0; count < 8; count += 1) {
      socket.send('x'.repeat(SAID_BYTES));
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  },
};
export default recipe;
