// @ts-check
import { openRaw } from '../speech/raw-socket.mjs';

const CLOSE_FRAME = 0x88;

/** @satisfies {import('watertight').Recipe} */
const recipe = {
  name: 'faye-websocket-silent-peer',
  description: 'asks the server to close, and is gone before its close frame can be answered',
  endings: ['vanish'],
  async live(life) {
    const peer = await openRaw(life.url);
    life.onDispose(() => peer.destroy());
    peer.send('quit');
    await peer.receive((bytes) => bytes[0] === CLOSE_FRAME);
  },
};
export default recipe;
