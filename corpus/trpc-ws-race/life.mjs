// @ts-check
import { openCompanion } from '../speech/companion.mjs';

const POSTS = 20;
/** @typedef {{ id?: number, result?: { type?: string } }} Message */
/** @type {Awaited<ReturnType<typeof openCompanion>> | undefined} */
let reader;

/** @satisfies {import('watertight').Recipe} */
const recipe = {
  name: 'trpc-ws-race',
  description: 'posts twenty times while somebody reads along, all the time',
  async setup(world) {
    reader = await openCompanion(world.url);
    const started = reader.nextJson((/** @type {Message} */ message) => message.result?.type === 'started');
    reader.sendJson({ id: 1, method: 'subscription', params: { path: 'onPost' } });
    await started;
  },
  async live(life) {
    const socket = await life.connect();
    for (let id = 1; id <= POSTS; id += 1) {
      socket.sendJson({ id, method: 'mutation', params: { path: 'post', input: `message ${life.index}` } });
      await socket.nextJson((/** @type {Message} */ message) => message.id === id);
    }
  },
  async teardown() {
    reader?.end();
  },
};
export default recipe;
