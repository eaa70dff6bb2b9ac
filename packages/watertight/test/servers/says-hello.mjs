// @ts-check
// A life that always ends politely: what it leaves, every one leaves, and no ending has to be tried alone.
/** @satisfies {import('watertight').Recipe} */
export default {
  name: 'says-hello',
  endings: ['close-frame'],
  async live(life) {
    const socket = await life.connect();
    socket.send('hello');
    await socket.next();
  },
};
