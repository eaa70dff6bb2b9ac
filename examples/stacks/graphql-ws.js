// @ts-check
import { createServer } from 'node:http';
import { createManagerFactory } from '@watertight/server';
import { guardGraphql } from '@watertight/server/graphql-ws';
import { buildSchema } from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import { OPTIONS, PORT } from './options.js';

const schema = buildSchema(`
  type Query { hello: String }
  type Subscription { ticks: Int }
`);

async function* ticks() {
  for (let tick = 0; tick < 3; tick += 1) yield { ticks: tick };
}

const server = createServer();
const wss = new WebSocketServer({ server });
const { serverOptions } = guardGraphql(
  { schema, roots: { query: { hello: () => 'hello' }, subscription: { ticks } } },
  {
    factory: createManagerFactory({ name: 'graphql-ws', ...OPTIONS }),
    webSocketServer: wss,
    identify: ({ connectionParams }) => /** @type {string | undefined} */ (connectionParams?.['user']),
  },
);
useServer(serverOptions, wss);
server.listen(PORT, '127.0.0.1');
