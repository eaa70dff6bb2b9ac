import { Server, type onUpgradePayload } from '@hocuspocus/server';
import { expect, test } from 'vitest';
import { type HocuspocusContext, guardHocuspocus } from '../src/adapters/hocuspocus.ts';
import { type Speech, type Subject, canEverything, stageOf, webSocketSpeech } from './conformance-kit.ts';
import { conformanceOfAwaits } from './conformance-awaits.suite.ts';
import { conformancePolicies, ofUpgrades } from './conformance-policies.suite.ts';
import { conformance } from './conformance.suite.ts';
import { until, userOf } from './guarded-server.ts';
import { type RawClient, frame } from './raw-client.ts';

const BINARY = 2;
/** Message types of Hocuspocus, and of its authentication. */
const AUTH = 2;
const STATELESS = 5;
const CLOSE = 7;

/** A message about a document: variable-length texts and numbers of up to 127. */
function about(document: string, type: number, ...parts: readonly (string | number)[]): Buffer {
  const bytes = [document, type, ...parts].map((part) =>
    typeof part === 'number'
      ? Buffer.from([part])
      : Buffer.concat([Buffer.from([Buffer.byteLength(part)]), Buffer.from(part)]),
  );
  return frame(BINARY, Buffer.concat(bytes));
}

const open = (client: RawClient, document: string): void => void client.socket.write(about(document, AUTH, 0, 'token'));

/** The extension of the guard has less. */
const BEFORE_ALL = 2_000_000;

const greeted = new WeakSet<RawClient>();

const speech: Speech = {
  ...webSocketSpeech,
  ask: (client, user, headers) => {
    client.upgrade(`/?user=${user}`, { headers });
    // It opens its document as soon as it may, whether or not the test looks.
    client.socket.on('data', () => {
      if (client.response?.status !== 101 || greeted.has(client)) return;
      greeted.add(client);
      open(client, 'notes');
    });
  },
  isIn: (client) => client.frames.includes('read-write'),
  say: (client, text) => void client.socket.write(about('notes', STATELESS, text)),
};

const hocuspocus: Subject = {
  name: 'Hocuspocus',
  can: { ...canEverything, reports: false },
  waits: { before: 'the onUpgrade of an extension', behind: 'an onAuthenticate' },
  speech,
  serve: (
    factory,
    { identify = (user) => user, message = (_manager, text) => `echo ${text}`, began, init, hooks, ...options },
  ) => {
    const managers = new Map<string, HocuspocusContext>();
    const { before, behind } = hooks ?? {};
    const guard = guardHocuspocus({
      factory,
      identify: (request) => identify(userOf(request)),
      init: init === undefined ? undefined : (manager) => init(manager),
      ...options,
    });
    const server = new Server({
      quiet: true,
      stopOnSignals: false,
      extensions: [
        guard.extension,
        ...(before === undefined
          ? []
          : [{ priority: BEFORE_ALL, onUpgrade: ({ request }: onUpgradePayload) => before(userOf(request)) }]),
      ],
      ...(behind && { onAuthenticate: ({ requestParameters }) => behind(requestParameters.get('user')) }),
      connected: async ({ connection, context, socketId }) => {
        const session = context as HocuspocusContext;
        managers.set(socketId, session);
        session.scope.defer(() => managers.delete(socketId));
        try {
          began?.(session.manager, (text) => connection.sendStateless(text));
        } catch {
          void session.manager.destroy();
        }
      },
      onStateless: async ({ connection, payload }) => {
        const session = managers.get(connection.socketId);
        if (session !== undefined) connection.sendStateless(message(session.manager, payload));
      },
    });
    return {
      server: server.httpServer,
      guard,
      close: () => {
        server.webSocketServer.close();
        server.hocuspocus.closeConnections();
      },
    };
  },
};

conformance(hocuspocus);
conformanceOfAwaits(hocuspocus);
conformancePolicies(hocuspocus, ofUpgrades);

test('[J21] a document that is left ends its scope, and the client goes on', async () => {
  const left: string[] = [];
  const stage = await stageOf({
    ...hocuspocus,
    serve: (factory) => {
      const guard = guardHocuspocus({ factory, identify: userOf });
      const server = new Server({
        quiet: true,
        stopOnSignals: false,
        extensions: [guard.extension],
        connected: async ({ context, documentName }) => {
          const { manager, scope } = context as HocuspocusContext;
          scope.defer(() => left.push(`${manager.user} left ${documentName}`));
        },
      });
      return { server: server.httpServer, guard, close: () => server.webSocketServer.close() };
    },
  });
  const ada = await stage.enter('ada');
  open(ada, 'plans');
  await until(() => ada.frames.includes('plans'), 'the second document is open');
  ada.socket.write(about('plans', CLOSE));
  await until(() => left.length === 1, 'it is left');
  expect([left, stage.factory.usage('ada').active]).toEqual([['ada left plans'], 1]);
  ada.leave('rst');
  await stage.nothingIsLeft();
  expect(left).toEqual(['ada left plans', 'ada left notes']);
});

test('[J21] the manager and the scope stand in the context of the hook that runs first at a document', async () => {
  const seen: unknown[] = [];
  const look = ({ context, documentName }: { readonly context: unknown; readonly documentName: string }): void => {
    const { manager, scope } = context as HocuspocusContext;
    scope.defer(() => seen.push(`${manager.user} left ${documentName}`));
  };
  const stage = await stageOf({
    ...hocuspocus,
    serve: (factory) => {
      const guard = guardHocuspocus({ factory, identify: userOf });
      const server = new Server({
        quiet: true,
        stopOnSignals: false,
        extensions: [guard.extension, { onConnect: async (payload) => look(payload) }],
        onConnect: async (payload) => look(payload),
      });
      return { server: server.httpServer, guard, close: () => server.webSocketServer.close() };
    },
  });
  const ada = await stage.enter('ada');
  ada.leave('rst');
  await stage.nothingIsLeft();
  expect(seen).toEqual(['ada left notes', 'ada left notes']);
});

test('[J13] once it is closed, the guard listens to no upgrade any more', async () => {
  const stage = await stageOf(hocuspocus);
  const before = stage.server.listenerCount('upgrade');
  stage.guard.close();
  expect(stage.server.listenerCount('upgrade')).toBe(before - 1);
});

test('[J42] a document of which something was dropped is closed, and its client goes on', async () => {
  const left: string[] = [];
  let say = (_text: string): void => undefined;
  const stage = await stageOf(
    hocuspocus,
    {
      began: (manager, send) => {
        say = send;
        manager.defer(() => left.push('the client'));
      },
    },
    { maxBufferedBytes: 200_000, onSlowConsumer: 'drop', heartbeatIntervalMs: false },
  );
  const ada = await stage.enter('ada');
  const ownedCount = (): number | undefined => stage.factory.lookAt('ada').managers[0]?.owned.count;
  // The scope of its document, and what is deferred.
  expect(ownedCount()).toBe(2);
  ada.socket.pause();
  await until(() => {
    for (let count = 0; count < 10; count += 1) say('x'.repeat(60_000));
    return stage.factory.stats().slowConsumers.framesDropped > 0;
  }, 'something is dropped');
  const [manager] = stage.factory.managersOf('ada');
  await until(() => ownedCount() === 1, 'its document is closed');
  expect([left, manager?.state]).toEqual([[], 'active']);
});

test('[J13] once the adapter is closed nobody new is let in, however fast identify answers', async () => {
  const stage = await stageOf(hocuspocus);
  stage.guard.close();
  expect(await stage.refused(await stage.ask('ada'))).toMatchObject({ status: 503, reason: 'factory-closed' });
  expect(stage.factory.stats().created).toBe(0);
});
