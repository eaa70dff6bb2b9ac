// @ts-check
import { openCompanion } from '../speech/companion.mjs';
import { greet } from '../speech/graphql.mjs';

/** @type {Awaited<ReturnType<typeof greet>> | undefined} */
let client;
/** @type {Awaited<ReturnType<typeof openCompanion>> | undefined} */
let tab;
/** One question at a time. */
let last = Promise.resolve();

/** @satisfies {import('watertight').Recipe} */
const recipe = {
  name: 'stws-query-opid',
  description: 'one tab that stays open all day; each life is a query it sends',
  path: '/graphql',
  protocols: ['graphql-ws', 'graphql-transport-ws'],
  endings: ['as-written'],
  async setup(world) {
    tab = await openCompanion(new URL('/graphql', world.url), ['graphql-ws', 'graphql-transport-ws']);
    client = await greet(tab, tab.protocol);
  },
  async live(life) {
    last = last.then(async () => {
      client?.start(`query-${life.index}`, '{ now }');
      await client?.completed(`query-${life.index}`);
    });
    await last;
  },
  async teardown() {
    tab?.end();
  },
};
export default recipe;
