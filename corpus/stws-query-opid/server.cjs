// What time is it? Over whichever of the two GraphQL protocols this variant has: the package was never mended, it was succeeded.
const http = require('http');
const { buildSchema, execute, subscribe } = require('graphql');

const schema = buildSchema('type Query { now: String } type Subscription { tick: String }');
const now = () => String(Date.now());
const server = http.createServer((request, response) => response.end('ok'));

if (process.env.VARIANT === 'buggy') {
  const { SubscriptionServer } = require('subscriptions-transport-ws');
  SubscriptionServer.create({ schema, execute, subscribe, rootValue: { now } }, { server, path: '/graphql' });
} else {
  const { useServer } = require('graphql-ws/lib/use/ws');
  const { WebSocketServer } = require('ws');
  useServer({ schema, roots: { query: { now } } }, new WebSocketServer({ server, path: '/graphql' }));
}
server.listen(Number(process.env.PORT ?? 0), '127.0.0.1');
