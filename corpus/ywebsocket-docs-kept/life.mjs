// @ts-check
import { syncStep1, textUpdate } from '../speech/yjs.mjs';

const SYNC = Buffer.from([0]);

/** @satisfies {import('watertight').Recipe} */
const recipe = {
  name: 'ywebsocket-docs-kept',
  description: 'edits a document of its own',
  async live(life) {
    const socket = await life.connect({ path: `/document-${life.index}` });
    socket.send(Buffer.concat([SYNC, syncStep1()]));
    await socket.next();
    socket.send(Buffer.concat([SYNC, textUpdate(1_000 + life.index, `text ${life.index}`)]));
    await new Promise((resolve) => setTimeout(resolve, 10));
  },
};
export default recipe;
