import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { Duplex } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { guardUpgrades } from '../src/adapters/node.ts';
import { type Subject, canEverything, stageOf, webSocketSpeech } from './conformance-kit.ts';
import { conformanceOfAwaits } from './conformance-awaits.suite.ts';
import { conformancePolicies, ofUpgrades } from './conformance-policies.suite.ts';
import { conformance } from './conformance.suite.ts';
import { until, userOf } from './guarded-server.ts';
import { TEXT, closingOf, frame } from './raw-client.ts';

const ACCEPT_GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** A text frame as servers send it, of up to 64 KiB. */
function textFrame(text: string): Buffer {
  const bytes = Buffer.from(text);
  const length = bytes.length < 126 ? [bytes.length] : [126, bytes.length >> 8, bytes.length & 0xff];
  return Buffer.concat([Buffer.from([0x81, ...length]), bytes]);
}

/** As little of a WebSocket server as an echo needs: unmasked frames, each in one chunk. */
function echo(socket: Duplex, key: string, answer: (text: string) => string): void {
  const accept = createHash('sha1').update(`${key}${ACCEPT_GUID}`).digest('base64');
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
  );
  socket.on('data', (chunk: Buffer) => {
    if (chunk[0] !== 0x81) return;
    const text = answer(chunk.subarray(6, 6 + (chunk.readUInt8(1) & 0x7f)).toString());
    if (socket.writable) socket.write(textFrame(text));
  });
}

const node: Subject = {
  name: 'bare upgrades of Node',
  can: canEverything,
  waits: { behind: 'an accept' },
  speech: webSocketSpeech,
  serve: (
    factory,
    { identify = (user) => user, message = (_manager, text) => `echo ${text}`, began, hooks, ...options },
  ) => {
    const server = createServer();
    const guard = guardUpgrades(server, {
      factory,
      identify: (request) => identify(userOf(request)),
      accept: (request, socket, _head, manager) => {
        const begin = (): void => {
          began?.(manager, (text) => socket.write(textFrame(text)));
          echo(socket, String(request.headers['sec-websocket-key']), (text) => message(manager, text));
        };
        return hooks?.behind === undefined ? begin() : hooks.behind(manager.user).then(begin);
      },
      ...options,
    });
    return { server, guard, close: () => undefined };
  },
};

conformance(node);
conformanceOfAwaits(node);
conformancePolicies(node, ofUpgrades);

test.each([0, 1] as const)('[J15] no byte is lost, also while accept takes %i turns', async (turns) => {
  const heard: string[] = [];
  const stage = await stageOf({
    ...node,
    serve: (factory) => {
      const server = createServer();
      const guard = guardUpgrades(server, {
        factory,
        identify: async (request) => (await nextTurn(), userOf(request)),
        accept: (_request, socket) => {
          const take = (): void => void socket.on('data', (chunk: Buffer) => heard.push(chunk.toString('latin1')));
          return turns === 0 ? take() : nextTurn().then(take);
        },
      });
      return { server, guard, close: () => undefined };
    },
  });
  const client = await stage.ask('ada');
  client.socket.write(frame(TEXT, 'early'));
  await until(() => stage.factory.usage('ada').active === 1, 'it is let in');
  client.socket.write(frame(TEXT, 'late'));
  await until(() => heard.join('').includes('late'), 'all is heard');
  expect(heard.join('')).toBe(Buffer.concat([frame(TEXT, 'early'), frame(TEXT, 'late')]).toString('latin1'));
});

test('[J15] an accept that fails later is reported, and its socket and slot are freed', async () => {
  const stage = await stageOf({
    ...node,
    serve: (factory) => {
      const server = createServer();
      const guard = guardUpgrades(server, {
        factory,
        identify: userOf,
        accept: async () => {
          await nextTurn();
          throw new Error('broke');
        },
      });
      return { server, guard, close: () => undefined };
    },
  });
  const client = await stage.ask('ada');
  await until(() => client.end !== undefined, 'the server let go');
  await stage.nothingIsLeft();
  expect(stage.errors.map(({ stage: where }) => where)).toEqual(['connection-listener']);
});

test('[J14] a data frame is use, a close frame is the end whether or not the socket is closed', async () => {
  const stage = await stageOf(node);
  const client = await stage.enter('ada');
  const [manager] = stage.factory.managersOf('ada');
  client.socket.write(frame(8, Buffer.from([3, 232])));
  expect(await manager?.released).toMatchObject({ reason: 'client-close', deadlineMet: true });
  await stage.nothingIsLeft();
});

test('[X6] a close frame that is written beside the owner of the socket is cut between characters', async () => {
  const stage = await stageOf(node);
  const client = await stage.enter('ada');
  const [manager] = stage.factory.managersOf('ada');
  void manager?.close('€'.repeat(100));
  await until(() => client.end !== undefined, 'the server let go');
  expect(closingOf(client)).toEqual({ code: 1001, reason: '€'.repeat(41) });
});
