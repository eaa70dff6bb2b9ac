// Who may read a room is looked up before a subscription begins.
import http from 'node:http';
import { makeExecutableSchema } from '@graphql-tools/schema';
import { PubSub } from 'graphql-subscriptions';
import { useServer } from 'graphql-ws/lib/use/ws';
import { WebSocketServer } from 'ws';

const pubsub = new PubSub();
pubsub.ee.setMaxListeners(0);
/** A database, say. */
const mayRead = () => new Promise((resolve) => setTimeout(resolve, 40, true));

const schema = makeExecutableSchema({
  typeDefs: 'type Query { ok: Boolean } type Subscription { message(room: String!): String }',
  resolvers: {
    Query: { ok: () => true },
    Subscription: {
      message: {
        subscribe: async () => {
          await mayRead();
          return pubsub.asyncIterator('MESSAGE');
        },
      },
    },
  },
});
setInterval(() => pubsub.publish('MESSAGE', { message: 'hello' }), 2_000).unref();

const server = http.createServer((request, response) => response.end('ok'));
useServer({ schema }, new WebSocketServer({ server, path: '/graphql' }));
server.listen(Number(process.env.PORT ?? 0), '127.0.0.1');
