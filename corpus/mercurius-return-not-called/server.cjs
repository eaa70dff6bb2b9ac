// Prices from a source of our own instead of the built-in publish and subscribe: an async iterator, as GraphQL asks for.
const { EventEmitter, on } = require('events');
const fastify = require('fastify');
const mercurius = require('mercurius');

const market = new EventEmitter();
market.setMaxListeners(0);

function pricesOf(symbol) {
  const source = on(market, `price:${symbol}`); // some symbols are quiet for hours
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    async next() {
      const { done, value } = await source.next();
      return done ? { done, value } : { done, value: { price: value[0] } };
    },
    return: () => source.return(),
  };
}

const app = fastify();
app.register(mercurius, {
  schema: 'type Query { ok: Boolean } type Subscription { price(symbol: String): Float }',
  resolvers: {
    Query: { ok: () => true },
    Subscription: { price: { subscribe: (root, { symbol }) => pricesOf(symbol) } },
  },
  subscription: true,
});
app.listen(Number(process.env.PORT ?? 0), '127.0.0.1', (error) => {
  if (error) throw error;
});
