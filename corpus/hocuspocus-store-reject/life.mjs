// @ts-check
import { syncStep1, textUpdate, varString } from '../speech/yjs.mjs';

const SYNC = 0;
const AUTH = 2;

/** @satisfies {import('watertight').Recipe} */
const recipe = {
  name: 'hocuspocus-store-reject',
  description: 'edits a document of its own',
  async live(life) {
    const report = `report-${life.index}`;
    const socket = await life.connect();
    const say = (/** @type {number} */ type, /** @type {Uint8Array} */ body) =>
      socket.send(Buffer.concat([varString(report), Buffer.from([type]), body]));
    say(AUTH, Buffer.concat([Buffer.from([0]), varString('token')]));
    say(SYNC, syncStep1());
    await socket.next();
    say(SYNC, textUpdate(1_000 + life.index, `hello ${life.index}`));
    await new Promise((resolve) => setTimeout(resolve, 20));
  },
};
export default recipe;
