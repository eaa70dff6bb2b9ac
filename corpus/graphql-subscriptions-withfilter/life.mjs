// @ts-check
import { openCompanion } from '../speech/companion.mjs';
import { greet, openGraphql } from '../speech/graphql.mjs';

const POSTS = 20;
/** @type {Awaited<ReturnType<typeof openCompanion>> | undefined} */
let subscriber;

/** @satisfies {import('watertight').Recipe} */
const recipe = {
  name: 'graphql-subscriptions-withfilter',
  description: 'posts to a room while somebody else listens to another, all the time',
  path: '/graphql',
  protocols: ['graphql-transport-ws'],
  async setup(world) {
    subscriber = await openCompanion(new URL('/graphql', world.url), ['graphql-transport-ws']);
    const client = await greet(subscriber, 'graphql-transport-ws');
    client.start('mine', 'subscription { message(room: "mine") }');
  },
  async live(life) {
    const client = await openGraphql(life, 'graphql-transport-ws');
    for (let count = 0; count < POSTS; count += 1) {
      client.start(`post-${count}`, 'mutation { post(room: "other", text: "hi") }');
      await client.completed(`post-${count}`);
    }
  },
  async teardown() {
    subscriber?.end();
  },
};
export default recipe;
