// One subscription that hears three topics.
const fastify = require('fastify');
const mercurius = require('mercurius');

const app = fastify();
app.register(mercurius, {
  schema: 'type Query { ok: Boolean } type Subscription { order: String }',
  resolvers: {
    Query: { ok: () => true },
    Subscription: {
      order: {
        subscribe: (root, args, { pubsub }) => pubsub.subscribe(['ORDER_CREATED', 'ORDER_PAID', 'ORDER_SHIPPED']),
      },
    },
  },
  subscription: true,
});
app.listen({ port: Number(process.env.PORT ?? 0), host: '127.0.0.1' }, (error) => {
  if (error) throw error;
});
