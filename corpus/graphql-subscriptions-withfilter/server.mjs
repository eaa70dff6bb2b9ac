// A chat: mutations post to a room, subscriptions hear one room.
import http from 'node:http';
import { makeExecutableSchema } from '@graphql-tools/schema';
import { PubSub, withFilter } from 'graphql-subscriptions';
import { useServer } from 'graphql-ws/lib/use/ws';
import { WebSocketServer } from 'ws';

const pubsub = new PubSub();
const schema = makeExecutableSchema({
  typeDefs: `
    type Query { ok: Boolean }
    type Mutation { post(room: String!, text: String!): Boolean }
    type Subscription { message(room: String!): String }
  `,
  resolvers: {
    Query: { ok: () => true },
    Mutation: {
      post: async (root, { room, text }) => {
        await pubsub.publish('MESSAGE', { message: text, room });
        return true;
      },
    },
    Subscription: {
      message: {
        subscribe: withFilter(
          () => pubsub.asyncIterator('MESSAGE'),
          (payload, variables) => payload.room === variables.room,
        ),
      },
    },
  },
});
const server = http.createServer((request, response) => response.end('ok'));
useServer({ schema }, new WebSocketServer({ server, path: '/graphql' }));
server.listen(Number(process.env.PORT ?? 0), '127.0.0.1');
