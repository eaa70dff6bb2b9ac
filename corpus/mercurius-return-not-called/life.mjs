// @ts-check
import { handled, openGraphql } from '../speech/graphql.mjs';

/** @satisfies {import('watertight').Recipe} */
const recipe = {
  name: 'mercurius-return-not-called',
  description: 'watches a quiet price; every other one stops watching before it leaves',
  path: '/graphql',
  protocols: ['graphql-ws'],
  // A frame that is not one ends these versions: their WebSocket has no listener for `error`.
  endings: ['close-frame', 'rst', 'fin', 'abort-in-upgrade', 'abort-after-response', 'during-work', 'mid-frame'],
  async live(life) {
    const client = await openGraphql(life, 'graphql-ws');
    client.start('1', `subscription { price(symbol: "S${life.index}") }`);
    await handled(client.socket);
    if (life.index % 2 === 0) return;
    client.stop('1');
    await handled(client.socket);
  },
};
export default recipe;
