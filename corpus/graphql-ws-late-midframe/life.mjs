// @ts-check
import { openRaw } from '../speech/raw-socket.mjs';

const FRAME_BYTES = 131_072;

/** @satisfies {import('watertight').Recipe} */
const recipe = {
  name: 'graphql-ws-late-midframe',
  description: 'subscribes, and is cut off in the middle of a large message before the subscription has begun',
  path: '/graphql',
  protocols: ['graphql-transport-ws'],
  endings: ['rst'],
  async live(life) {
    const peer = await openRaw(new URL('/graphql', life.url), { protocol: 'graphql-transport-ws' });
    life.onDispose(() => peer.socket.resetAndDestroy());
    peer.send(JSON.stringify({ type: 'connection_init' }));
    await peer.receive((bytes) => bytes.includes('connection_ack'));
    const query = `subscription { message(room: "room-${life.index}") }`;
    peer.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query } }));
    await peer.sendPart(FRAME_BYTES, FRAME_BYTES / 2);
    await new Promise((resolve) => setTimeout(resolve, 15));
  },
};
export default recipe;
