// @ts-check
import { openGraphql } from '../speech/graphql.mjs';

/** @satisfies {import('watertight').Recipe} */
const recipe = {
  name: 'mercurius-multi-topic',
  description: 'subscribes to the orders; every other one unsubscribes before it leaves',
  path: '/graphql',
  protocols: ['graphql-transport-ws'],
  async live(life) {
    const client = await openGraphql(life, 'graphql-transport-ws');
    client.start('1', 'subscription { order }');
    await new Promise((resolve) => setTimeout(resolve, 20));
    if (life.index % 2 === 0) return;
    client.stop('1');
    await new Promise((resolve) => setTimeout(resolve, 10));
  },
};
export default recipe;
