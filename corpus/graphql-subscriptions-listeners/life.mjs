// @ts-check
import { handled, openGraphql } from '../speech/graphql.mjs';

/** @satisfies {import('watertight').Recipe} */
const recipe = {
  name: 'graphql-subscriptions-listeners',
  description: 'subscribes to a room; every other one unsubscribes before it leaves',
  path: '/graphql',
  protocols: ['graphql-ws'],
  // No `during-work`: a subscription that is being set up when its client is reset stays in both versions, on a busy machine.
  endings: [
    'close-frame',
    'rst',
    'fin',
    'protocol-error',
    'abort-in-upgrade',
    'abort-after-response',
    'mid-frame',
    'oversized-frame',
  ],
  async live(life) {
    const client = await openGraphql(life, 'graphql-ws');
    client.start('1', `subscription { message(room: "room-${life.index}") }`);
    await handled(client.socket);
    if (life.index % 2 === 0) return;
    client.stop('1');
    await handled(client.socket);
  },
};
export default recipe;
