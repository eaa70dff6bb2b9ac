import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { openDrive } from '../src/drive/drive.ts';
import { parseIdentity, type Identity } from '../src/drive/identity.ts';
import { openLifeDrive } from '../src/drive/lives.ts';
import { findRecipe } from '../src/drive/recipes/catalogue.ts';
import type { LifeDrive } from '../src/drive/recipes/types.ts';
import { guessRecipe } from '../src/drive/recipes/guess.ts';
import { startProtocolServer, type ProtocolServer } from './protocol-server.ts';

const leftovers: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of leftovers.splice(0).toReversed()) await end();
});

async function server(protocol: string): Promise<ProtocolServer> {
  const started = await startProtocolServer(protocol);
  leftovers.push(() => started.end());
  return started;
}

/** A folder outside this repository, so that nothing of ours is found from there. */
function folder(files: Readonly<Record<string, string>> = {}): string {
  const path = mkdtempSync(join(tmpdir(), 'watertight-'));
  leftovers.push(() => rmSync(path, { recursive: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(path, name, '..'), { recursive: true });
    writeFileSync(join(path, name), text);
  }
  return path;
}

const NO_OPTIONS = { send: [] };

describe('the guess', () => {
  test.each([
    ['ws', 'ws', '/'],
    ['json-rpc', 'ws', '/'],
    ['socket.io', 'socket.io', '/socket.io/'],
    ['graphql-transport-ws', 'graphql-transport-ws', '/graphql'],
    ['graphql-ws', 'graphql-ws', '/graphql'],
    ['sockjs', 'sockjs', '/sockjs/websocket'],
    ['mqtt', 'mqtt', '/mqtt'],
    ['stomp', 'stomp', '/ws'],
  ])('[D34] a server of %s is spoken to by the recipe %s at %s', async (protocol, recipe, path) => {
    const { url, sockets, until } = await server(protocol);
    expect(await guessRecipe(url, parseIdentity(), false)).toMatchObject({ recipe, path, isSeen: true });
    await until('every question is over', () => [...sockets.values()].every((events) => events.includes('close')));
  });

  test('[D34] a server that takes whatever subprotocol comes first is plain, and one without WebSockets is not seen', async () => {
    const http = createServer((_request, response) => response.end('hello'));
    http.listen(0, '127.0.0.1');
    await once(http, 'listening');
    leftovers.push(() => http.close());
    const address = http.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    const url = new URL(`ws://127.0.0.1:${address.port}/`);
    expect(await guessRecipe(url, parseIdentity(), false)).toMatchObject({ recipe: 'ws', path: '/', isSeen: false });
    // Without handleProtocols ws answers the first offer.
    const sockets = new WebSocketServer({ server: http });
    leftovers.push(() => sockets.close());
    expect(await guessRecipe(url, parseIdentity(), false)).toMatchObject({ recipe: 'ws', path: '/', isSeen: true });
  });

  test('[D34] the session that was opened to ask an Engine.IO server is closed again', async () => {
    const { url, said, until } = await server('socket.io');
    await guessRecipe(url, parseIdentity(), false);
    await until(
      'the engine has closed what it opened',
      () => said.filter((line) => line === 'engine closed').length === 1,
    );
  });
});

describe('the identity', () => {
  const AS_MESSAGE = 'message:{"login":"{n}"}';
  const RECIPES = [
    ['ws', 'ws'],
    ['socket.io', 'socket.io'],
    ['socket.io-polling', 'socket.io'],
    ['graphql-transport-ws', 'graphql-transport-ws'],
    ['graphql-ws', 'graphql-ws'],
    ['json-rpc', 'json-rpc'],
    ['sockjs', 'sockjs'],
    ['mqtt', 'mqtt'],
    ['stomp', 'stomp'],
  ] as const;
  async function openLives(url: URL, recipe: string, identity: Identity): Promise<LifeDrive> {
    const lives = await openLifeDrive({
      url,
      identity,
      recipe: await findRecipe(recipe, NO_OPTIONS, process.cwd()),
      random: Math.random,
      signal: new AbortController().signal,
    });
    leftovers.push(() => lives.dispose());
    return lives;
  }

  test.each(RECIPES)(
    '[D31] reaches the server with the recipe %s by header, cookie and query',
    async (recipe, protocol) => {
      const { url, handshakes, until } = await server(protocol);
      for (const spec of ['header:x-user=u{n}', 'cookie:sid=u{n}', 'query:who=u{n}']) {
        const lives = await openLives(url, recipe, parseIdentity(spec));
        expect(await lives.live({ user: 'u7', ending: 'rst', patienceMs: 0 })).toMatchObject({ served: true });
      }
      await until('three handshakes', () => handshakes.length === 3);
      const [byHeader, byCookie, byQuery] = handshakes;
      expect(byHeader?.headers).toMatchObject({ 'x-user': 'u7', host: url.host });
      expect(byCookie?.headers['cookie']).toBe('sid=u7');
      expect(byQuery?.url).toContain('who=u7');
    },
  );

  test.each([
    ['ws', 'ws', AS_MESSAGE, 'heard {"login":"u7"}'],
    ['socket.io', 'socket.io', AS_MESSAGE, 'connected {"login":"u7"}'],
    ['socket.io-polling', 'socket.io', AS_MESSAGE, 'connected {"login":"u7"}'],
    ['graphql-transport-ws', 'graphql-transport-ws', AS_MESSAGE, 'connected {"login":"u7"}'],
    ['graphql-ws', 'graphql-ws', AS_MESSAGE, 'connected {"login":"u7"}'],
    ['json-rpc', 'json-rpc', 'message:{"method":"{n}"}', 'called u7'],
    ['sockjs', 'sockjs', AS_MESSAGE, 'heard {"login":"u7"}'],
    ['mqtt', 'mqtt', 'message:{"username":"{n}","password":"secret of {n}"}', 'connected u7 secret of u7'],
    ['stomp', 'stomp', AS_MESSAGE, 'connected u7'],
  ])('[D31] as a message goes where the recipe %s says it', async (recipe, protocol, spec, understood) => {
    const { url, said, until } = await server(protocol);
    const lives = await openLives(url, recipe, parseIdentity(spec));
    expect(await lives.live({ user: 'u7', ending: 'fin', patienceMs: 0 })).toMatchObject({ served: true });
    await until(understood, () => said.includes(understood));
  });

  test.each(RECIPES)(
    '[D31] as a token that a command prints for each user reaches the server with the recipe %s',
    async (recipe, protocol) => {
      const { url, handshakes, until } = await server(protocol);
      const identity = parseIdentity('header:authorization=Bearer {token}', 'echo "token of $WATERTIGHT_USER"');
      const lives = await openLives(url, recipe, identity);
      const user = identity.userId(7);
      expect(await lives.live({ user, ending: 'rst', patienceMs: 0 })).toMatchObject({ served: true });
      await until('a handshake', () => handshakes.length > 0);
      expect(handshakes[0]?.headers).toMatchObject({ authorization: `Bearer token of ${user}` });
    },
  );

  test.each([
    ['graphql-transport-ws', 'graphql-transport-ws', '/graphql'],
    ['graphql-ws', 'graphql-ws', '/graphql'],
    ['mqtt', 'mqtt', '/mqtt'],
    ['v12.stomp', 'stomp', '/ws'],
  ])(
    '[D45] the subprotocol %s that a user template names beside the user is offered once',
    async (protocol, recipe, path) => {
      const { url, handshakes } = await server(recipe);
      const identity = parseIdentity(`protocol:${protocol},user.u{n}`);
      expect(await guessRecipe(url, identity, false)).toMatchObject({ recipe, path });
      const lives = await openLives(url, recipe, identity);
      expect(await lives.live({ user: 'u7', ending: 'rst', patienceMs: 0 })).toMatchObject({ served: true });
      const drive = openDrive(new URL(path, url), identity, lives.recipe);
      leftovers.push(() => drive.dispose());
      expect(await drive.connect('u8')).toMatchObject({ admitted: true });
      const offers = handshakes.map(({ headers }) => headers['sec-websocket-protocol']?.split(/, ?/) ?? []);
      for (const offered of offers) expect(offered.filter((it) => it === protocol)).toHaveLength(1);
      expect(offers.flat()).toEqual(expect.arrayContaining(['user.u7', 'user.u8']));
    },
  );

  test('[D39] a ping of GraphQL over WebSocket is answered however its JSON is spelt', async () => {
    const wss = new WebSocketServer({ port: 0, host: '127.0.0.1', handleProtocols: () => 'graphql-transport-ws' });
    await once(wss, 'listening');
    leftovers.push(() => wss.close());
    const ponged = new Promise<string>((resolve) => {
      wss.on('connection', (socket) => {
        socket.send('{"type": "ping"}');
        socket.on('message', (data: Buffer) => {
          if (data.toString().includes('connection_init')) socket.send('{"type": "connection_ack", "payload": {}}');
          else resolve(data.toString());
        });
      });
    });
    const address = wss.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    const recipe = await findRecipe('graphql-transport-ws', NO_OPTIONS, process.cwd());
    const drive = openDrive(new URL(`ws://127.0.0.1:${address.port}/`), parseIdentity(), recipe);
    leftovers.push(() => drive.dispose());
    expect(await drive.connect('u1')).toMatchObject({ admitted: true });
    const late = new Promise<string>((resolve) => setTimeout(resolve, 2_000, 'nothing').unref());
    expect(await Promise.race([ponged, late])).toBe('{"type":"pong"}');
  });
});

describe('the recipes to be had', () => {
  test('[D32] a client library that is not installed is named with the command that installs it', async () => {
    // Nobody has a package of this name.
    const { clientLibrary } = await import('../src/drive/recipes/client-library.ts');
    expect(() => clientLibrary('no-such-client', 'mqtt', folder())).toThrow(
      'the recipe mqtt speaks through the package no-such-client, which is not installed: npm install --save-dev no-such-client',
    );
  });

  test('[D32] the library of the folder comes before ours', async () => {
    const { clientLibrary } = await import('../src/drive/recipes/client-library.ts');
    const theirs = folder({
      'node_modules/mqtt/package.json': '{"name":"mqtt","version":"5.0.0","main":"index.js"}',
      'node_modules/mqtt/index.js': 'exports.mine = true;',
      'node_modules/broken/package.json': '{"name":"broken","main":"index.js"}',
      'node_modules/broken/index.js': 'throw new Error("half installed");',
    });
    expect(clientLibrary('mqtt', 'mqtt', theirs)).toEqual({ mine: true });
    expect(clientLibrary('mqtt', 'mqtt', folder())).toHaveProperty('connectAsync');
    expect(() => clientLibrary('broken', 'mqtt', theirs)).toThrow('the recipe mqtt cannot load broken: half installed');
  });

  test('[D33] a module is a recipe, and is served', async () => {
    const cwd = folder({
      'say-hello.mjs': `export default { name: 'say-hello', async live(life) {
        const socket = await life.connect();
        socket.sendJson({ hello: life.user });
        await socket.nextJson((message) => message.hello === life.user);
      } };`,
    });
    const { url } = await server('ws');
    const recipe = await findRecipe('./say-hello.mjs', NO_OPTIONS, cwd);
    const lives = await openLifeDrive({
      url,
      identity: parseIdentity(),
      recipe,
      random: Math.random,
      signal: new AbortController().signal,
    });
    leftovers.push(() => lives.dispose());
    expect(await lives.live({ user: 'u', ending: 'close-frame', patienceMs: 1_000 })).toMatchObject({ served: true });
  });

  test.each([
    ['missing.mjs', undefined, 'missing.mjs does not exist'],
    ['broken.mjs', 'export default {', 'broken.mjs cannot be loaded: '],
    ['empty.mjs', 'export const name = 1;', 'empty.mjs is not one: it has no object as its default export'],
    [
      'half.mjs',
      'export default { setup: 1, path: "x" };',
      'half.mjs is not one: its name is no text; live is no function; setup is no function; its path does not begin with /',
    ],
    [
      'lists.mjs',
      'export default { name: "lists", live() {}, endings: ["closeframe"], protocols: "chat", query: { a: 1 } };',
      'lists.mjs is not one: "closeframe" is no ending; known are close-frame, fin, rst, ',
    ],
    [
      'lists-too.mjs',
      'export default { name: "lists", live() {}, endings: [], protocols: ["a b"], query: { a: 1 } };',
      'as-written; its protocols are no list of subprotocols; its query is no object of texts',
    ],
    ['nonsense', undefined, 'the recipe is "nonsense"; known are ws, socket.io, '],
  ])('[D33] %s is refused with what is wrong', async (name, text, message) => {
    const cwd = folder(text === undefined ? {} : { [name]: text });
    await expect(findRecipe(name, NO_OPTIONS, cwd)).rejects.toThrow(message);
  });
});
