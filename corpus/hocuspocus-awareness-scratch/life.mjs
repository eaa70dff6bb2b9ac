// @ts-check
import { awarenessUpdate, syncStep1, varString } from '../speech/yjs.mjs';

const SYNC = 0;
const AWARENESS = 1;
const AUTH = 2;
const MOVES = 5;

/** @satisfies {import('watertight').Recipe} */
const recipe = {
  name: 'hocuspocus-awareness-scratch',
  description: 'opens a pad and moves the cursor five times',
  async live(life) {
    const pad = `pad-${life.index % 4}`;
    const socket = await life.connect();
    const say = (/** @type {number} */ type, /** @type {Uint8Array} */ body) =>
      socket.send(Buffer.concat([varString(pad), Buffer.from([type]), body]));
    say(AUTH, Buffer.concat([Buffer.from([0]), varString('token')]));
    say(SYNC, syncStep1());
    await socket.next();
    for (let move = 1; move <= MOVES; move += 1) {
      say(AWARENESS, awarenessUpdate(1_000 + life.index, move, { cursor: move }));
    }
    await new Promise((resolve) => setTimeout(resolve, 30));
  },
};
export default recipe;
