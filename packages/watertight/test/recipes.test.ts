import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { parseIdentity } from '../src/drive/identity.ts';
import { openLifeDrive } from '../src/drive/lives.ts';
import { findRecipe } from '../src/drive/recipes/catalogue.ts';
import type { RecipeOptions } from '../src/drive/recipes/options.ts';
import type { LifeDrive, LifeEnding } from '../src/drive/recipes/types.ts';
import { startProtocolServer, type ProtocolServer } from './protocol-server.ts';

const drives: LifeDrive[] = [];
afterEach(async () => {
  for (const lives of drives.splice(0)) await lives.dispose();
});

async function open(
  server: ProtocolServer,
  recipe: string,
  { user, ...options }: Partial<RecipeOptions> & { user?: string } = {},
): Promise<LifeDrive> {
  const drive = await openLifeDrive({
    url: server.url,
    identity: parseIdentity(user),
    recipe: await findRecipe(recipe, { send: [], ...options }, process.cwd()),
    random: () => 0.4,
    signal: new AbortController().signal,
  });
  drives.push(drive);
  return drive;
}

/** What every raw socket of the server saw, for the endings that are the same in every protocol. */
const ON_THE_SOCKET: Readonly<Partial<Record<LifeEnding, RegExp>>> = {
  fin: /^end$/,
  rst: /^ECONNRESET$/,
  'abort-in-upgrade': /^ECONNRESET$/,
  'abort-after-response': /^ECONNRESET$/,
  // A reset that a busy server finds right behind bytes it has not read is told to it as an end.
  'mid-frame': /^(ECONNRESET|end)$/,
  // A server that is just writing its answer gets the reset for that write, and reads an end afterwards, or nothing more.
  'during-work': /^close$/,
};

interface Spoken {
  readonly recipe: string;
  readonly server: string;
  readonly options?: Partial<RecipeOptions>;
  /** What the server is to have understood in one life. */
  readonly understood: readonly string[];
}

const SPOKEN: readonly Spoken[] = [
  { recipe: 'ws', server: 'ws', options: { send: ['hello'] }, understood: [] },
  {
    recipe: 'socket.io',
    server: 'socket.io',
    options: { send: ['["join", "room of {user}"]'] },
    understood: ['connected {}', 'joined room of test-user-1'],
  },
  {
    recipe: 'socket.io-polling',
    server: 'socket.io',
    options: { send: ['["join", "{index}"]'] },
    understood: ['connected {}', 'joined 0'],
  },
  {
    recipe: 'graphql-transport-ws',
    server: 'graphql-transport-ws',
    understood: ['connected {}', 'subscribed chat', 'returned chat', 'subscribed chat'],
  },
  {
    recipe: 'graphql-ws',
    server: 'graphql-ws',
    understood: ['connected {}', 'subscribed chat', 'returned chat', 'subscribed chat'],
  },
  {
    recipe: 'json-rpc',
    server: 'json-rpc',
    options: { send: ['{"method": "add", "params": [1, 2]}'], subscribe: 'watch' },
    understood: ['called add', 'called watch'],
  },
  { recipe: 'sockjs', server: 'sockjs', options: { send: ['hello'] }, understood: ['heard hello'] },
  { recipe: 'mqtt', server: 'mqtt', understood: ['subscribed watertight/0', 'published watertight/0 watertight'] },
  { recipe: 'stomp', server: 'stomp', understood: ['connected ', 'subscribed /topic/watertight'] },
];

describe.each(SPOKEN)('the recipe $recipe', ({ recipe, server: protocol, options, understood }) => {
  let server: ProtocolServer;
  beforeAll(async () => {
    server = await startProtocolServer(protocol);
  });
  afterAll(async () => {
    await server.end();
  });

  test('[D29] is served by a real server of its protocol, which understands what is said', async () => {
    const lives = await open(server, recipe, options);
    const report = await lives.live({ user: 'test-user-1', ending: 'close-frame', patienceMs: 2_000 });
    expect(report).toMatchObject({ served: true, failure: undefined });
    // A client that destroys its socket right after the goodbye makes the server's FIN a reset.
    expect(['fin', 'rst']).toContain(report.letGo?.how);
    const heard = (): string[] => server.said.filter((line) => understood.includes(line));
    await server.until(`all of ${understood.join(', ')}`, () => heard().length >= understood.length);
    expect(new Set(heard())).toEqual(new Set(understood));
    await server.until('every socket closed', () =>
      [...server.sockets.values()].every((events) => events.includes('close')),
    );
    expect([...server.sockets.values()].flat()).not.toContain('ECONNRESET');
  });

  test.each(Object.entries(ON_THE_SOCKET) as [LifeEnding, RegExp][])(
    '[D22] its ending %s is %s on the server’s socket',
    async (ending, event) => {
      const lives = await open(server, recipe, options);
      // An uncut life shows how much there is to cut.
      if (ending === 'during-work') await lives.live({ user: 'test-user-1', ending: 'rst', patienceMs: 0 });
      const before = server.sockets.size;
      const report = await lives.live({ user: 'test-user-1', ending, patienceMs: 2_000 });
      expect(report).toMatchObject({ served: true, failure: undefined, note: undefined });
      const mine = (): string[][] =>
        [...server.sockets.entries()].filter(([connection]) => connection > before).map(([, events]) => events);
      await server.until(`${event.source} on a socket`, () =>
        mine()
          .flat()
          .some((seen) => event.test(seen)),
      );
      await server.until('every socket closed', () => mine().every((events) => events.includes('close')));
    },
  );

  test.each<LifeEnding>(['protocol-error', 'oversized-frame'])(
    '[D22] after its ending %s the server lets go',
    async (ending) => {
      const lives = await open(server, recipe, options);
      const report = await lives.live({ user: 'test-user-1', ending, patienceMs: 3_000 });
      expect(report).toMatchObject({ served: true, failure: undefined });
      expect(report.letGo).toBeDefined();
    },
  );

  test.each<LifeEnding>(['vanish', 'stall'])('[D23] its ending %s is neither FIN nor reset', async (ending) => {
    const lives = await open(server, recipe, options);
    const before = server.sockets.size;
    expect(await lives.live({ user: 'test-user-1', ending, patienceMs: 30 })).toMatchObject({ served: true });
    await lives.live({ user: 'test-user-1', ending: 'close-frame', patienceMs: 2_000 });
    const held = [...server.sockets.entries()]
      .filter(([connection]) => connection > before)
      .map(([, events]) => events);
    expect(held.some((events) => events.join() === 'open')).toBe(true);
    expect(lives.heldCount).toBe(1);
    await lives.releaseHeld();
    await server.until('every socket closed', () =>
      [...server.sockets.values()].every((events) => events.includes('close')),
    );
  });
});

test.each([
  ['socket.io', 'socket.io', { message: 'not you', httpStatus: 403, body: { status: 403 } }],
  ['socket.io-polling', 'socket.io', { message: 'not you', httpStatus: 403 }],
  ['graphql-transport-ws', 'graphql-transport-ws', { message: 'Forbidden', closeCode: 4403 }],
  ['graphql-ws', 'graphql-ws', { message: 'not you', body: { message: 'not you' } }],
] as const)('[D41] whom a server does not want is refused with the recipe %s', async (recipe, protocol, refused) => {
  const server = await startProtocolServer(protocol);
  try {
    const lives = await open(server, recipe);
    const report = await lives.live({ user: 'unwanted', ending: 'close-frame', patienceMs: 0 });
    expect(report).toMatchObject({ served: false, refused });
    expect(report.failure).toContain(refused.message);
  } finally {
    for (const lives of drives.splice(0)) await lives.dispose();
    await server.end();
  }
});
