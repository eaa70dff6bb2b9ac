// @ts-check
// One node of several: a WebSocket server with a quota on Redis, told what to do by its parent.
import { subscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createManagerFactory } from '@watertight/server';
import { redisQuota } from '@watertight/server/redis';
import { guard } from '@watertight/server/ws';
import { Redis } from 'ioredis';
import { createClient } from 'redis';
import { WebSocketServer } from 'ws';

/**
 * @typedef {object} Told
 * @property {'ioredis' | 'node-redis'} client
 * @property {number} redisPort
 * @property {import('@watertight/server').LeaseOptions} lease
 * @property {import('@watertight/server').ManagerFactoryOptions} factory
 * @property {number} clientTimeoutMs
 * @property {boolean} hasTenants of users who are called `tenant/name`
 */
const told = /** @type {Told} */ (JSON.parse(process.env['NODE_OPTIONS_JSON'] ?? '{}'));
const { client: library, redisPort, lease, factory: factoryOptions, clientTimeoutMs, hasTenants } = told;

const CLIENTS = {
  'node-redis': async () => {
    const socket = { host: '127.0.0.1', port: redisPort, reconnectStrategy: 50 };
    const client = createClient({ socket, disableOfflineQueue: true });
    client.on('error', () => undefined);
    await client.connect();
    return client;
  },
  ioredis: async () => {
    const client = new Redis(redisPort, '127.0.0.1', {
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      commandTimeout: clientTimeoutMs,
      retryStrategy: () => 50,
      reconnectOnError: (error) => (error.message.startsWith('READONLY') ? 1 : false),
    });
    client.on('error', () => undefined);
    if (client.status !== 'ready') await once(client, 'ready');
    return client;
  },
};
const client = library === 'node-redis' ? await CLIENTS['node-redis']() : await CLIENTS.ioredis();

/** @type {Record<string, number>} */
const events = { away: 0, back: 0, lost: 0 };
for (const name of ['store:away', 'store:back', 'lease:lost'])
  subscribe(`watertight:${name}`, () => {
    events[name.split(':')[1] ?? ''] = (events[name.split(':')[1] ?? ''] ?? 0) + 1;
  });

const factory = createManagerFactory({
  ...factoryOptions,
  onError: () => undefined,
  quota: redisQuota({ client, ...lease, ...(hasTenants && { tenantOf: (user) => user.split('/')[0] ?? '' }) }),
});
factory.start();
const server = createServer();
const wss = new WebSocketServer({ noServer: true });
guard(server, wss, {
  factory,
  identify: (request) => {
    const { searchParams } = new URL(request.url ?? '/', 'http://host');
    return { user: searchParams.get('user') ?? '', sessionId: searchParams.get('session') ?? undefined };
  },
});
let served = 0;
wss.on('connection', (socket) => {
  socket.on('message', (/** @type {Buffer} */ data) => {
    served += 1;
    socket.send(data.toString());
  });
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');

const COMMANDS = {
  /** So many sessions of each user, without sockets. */
  fill: async (/** @type {{ users: string[], each: number }} */ { users, each }) => {
    let admitted = 0;
    for (const user of users) {
      const admissions = await Promise.all(
        Array.from({ length: each }, () => factory.admit({ user }, { withoutConnection: true })),
      );
      admitted += admissions.filter((one) => one.admitted).length;
    }
    return admitted;
  },
  empty: (/** @type {string} */ user) => factory.closeAllForUser(user).then((reports) => reports.length),
  held: (/** @type {string} */ user) => factory.usage(user).held,
  override: (/** @type {{ user: string, maxManagers: number | null }} */ { user, maxManagers }) => {
    if (maxManagers === null) factory.clearOverride(user);
    else factory.setOverride(user, { maxManagers });
  },
  overrides: () => factory.overrides(),
  usage: (/** @type {string} */ user) => factory.shared?.usage(user),
  users: (/** @type {import('@watertight/server').UsersQuery} */ query) => factory.shared?.users(query),
  freeUser: (/** @type {string} */ user) => factory.shared?.freeUser(user),
  freeNode: (/** @type {string} */ nodeId) => factory.shared?.freeNode(nodeId),
  drain: (/** @type {import('@watertight/server').DrainOptions} */ options) =>
    factory.drain(options).then((report) => ({ ...report, closeLast: undefined })),
  state: () => ({ ...factory.shared?.state(), events, served, stats: factory.stats().released.byReason }),
  close: async () => {
    wss.close();
    for (const socket of wss.clients) socket.terminate();
    server.close();
    await factory.close();
    setImmediate(() => process.exit(0));
  },
};

process.on(
  'message',
  (/** @type {{ id: number, command: keyof typeof COMMANDS, argument: never }} */ { id, command, argument }) => {
    void Promise.resolve(COMMANDS[command](argument)).then((/** @type {unknown} */ answer) =>
      process.send?.({ id, answer }),
    );
  },
);
process.on('disconnect', () => process.exit(1));
process.send?.({ id: 0, answer: /** @type {import('node:net').AddressInfo} */ (server.address()).port });
