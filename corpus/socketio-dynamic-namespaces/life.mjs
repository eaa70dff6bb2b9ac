// @ts-check
import { joinSocketIo } from '../speech/socket-io.mjs';

/** @satisfies {import('watertight').Recipe} */
const recipe = {
  name: 'socketio-dynamic-namespaces',
  description: 'opens a document of its own, edits it, leaves',
  path: '/socket.io/',
  async live(life) {
    const client = await joinSocketIo(life, { engine: 4, namespace: `/doc-${life.index}` });
    await client.request('edit', `text ${life.index}`);
    return () => client.leave();
  },
};
export default recipe;
