// @ts-check
/** @satisfies {import('watertight').Recipe} */
const recipe = {
  name: 'peerjs-half-open',
  description: 'a peer that comes and is never heard of again',
  path: '/peerjs',
  endings: ['vanish'],
  async live(life) {
    const socket = await life.connect({ path: `/peerjs?key=peerjs&id=peer-${life.index}&token=t${life.index}` });
    await socket.nextJson((/** @type {{ type?: string }} */ message) => message.type === 'OPEN');
  },
};
export default recipe;
