// @ts-check
import { handled, openGraphql } from '../speech/graphql.mjs';

/** @satisfies {import('watertight').Recipe} */
const recipe = {
  name: 'mercurius-multi-topic',
  description: 'subscribes to the orders; every other one unsubscribes before it leaves',
  path: '/graphql',
  protocols: ['graphql-transport-ws'],
  async live(life) {
    const client = await openGraphql(life, 'graphql-transport-ws');
    client.start('1', 'subscription { order }');
    await handled(client.socket);
    if (life.index % 2 === 0) return;
    client.stop('1');
    await handled(client.socket);
  },
};
export default recipe;
