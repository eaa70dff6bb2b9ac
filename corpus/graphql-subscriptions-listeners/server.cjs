// Messages of a chat room over the older of the two GraphQL protocols, filtered by room.
const http = require('http');
const { execute, subscribe } = require('graphql');
const { PubSub, withFilter } = require('graphql-subscriptions');
const { makeExecutableSchema } = require('graphql-tools');
const { SubscriptionServer } = require('subscriptions-transport-ws');

const pubsub = new PubSub();
pubsub.ee.setMaxListeners(0);
const schema = makeExecutableSchema({
  typeDefs: 'type Query { ok: Boolean } type Subscription { message(room: String): String }',
  resolvers: {
    Query: { ok: () => true },
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
setInterval(() => pubsub.publish('MESSAGE', { message: 'tick', room: 'nobody is here' }), 500).unref();

const server = http.createServer((request, response) => response.end('ok'));
server.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => {
  SubscriptionServer.create({ schema, execute, subscribe }, { server, path: '/graphql' });
});
