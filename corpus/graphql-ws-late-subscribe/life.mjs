// @ts-check
import { openGraphql } from '../speech/graphql.mjs';

/** @satisfies {import('watertight').Recipe} */
const recipe = {
  name: 'graphql-ws-late-subscribe',
  description: 'subscribes, and leaves before the subscription has begun',
  path: '/graphql',
  protocols: ['graphql-transport-ws'],
  async live(life) {
    const client = await openGraphql(life, 'graphql-transport-ws');
    client.start('1', `subscription { message(room: "room-${life.index}") }`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  },
};
export default recipe;
