import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { NetworkOptions } from '../src/adapters/network-options.ts';
import { createManagerFactory } from '../src/factory.ts';
import { type Behaviour, type Stage, type Subject, isServed, stageOf } from './conformance-kit.ts';
import { NEVER, recordEvents } from './factory-kit.ts';
import { until } from './guarded-server.ts';
import { type RawClient, TEXT, frame } from './raw-client.ts';

/** What an adapter can make of the policies of the runtime. */
export interface Policies {
  /** In which words it refuses, the dearest first; beyond the budget of the last the connection is ended. None: there is nothing cheaper than its words. */
  readonly words: readonly ('close' | 'http')[];
  /** Options that cannot work there. */
  readonly absent: readonly (keyof NetworkOptions)[];
}

/** Of adapters at an upgrade that refuse over HTTP. */
export const ofUpgrades: Policies = { words: ['http'], absent: ['maxCloseRefusalsPerSecond'] };

/** Of adapters that are given requests. */
export const ofRequests: Policies = {
  words: ['http'],
  absent: ['maxEarlyBytes', 'maxEarlyMessages', 'maxCloseRefusalsPerSecond'],
};

/** One of each, and none of them out of the ordinary. */
const NETWORK: Required<NetworkOptions> = {
  trustedProxies: ['127.0.0.0/8'],
  forwardedHeader: 'x-forwarded-for',
  maxEarlyBytes: 1000,
  maxEarlyMessages: 10,
  maxCloseRefusalsPerSecond: 10,
  maxHttpRefusalsPerSecond: 10,
};

const OTHER = 'ben';
const BEYOND = 'x'.repeat(60_000);
const MAX_BUFFERED_BYTES = 200_000;
/** Headers of frames, and what stands around a text, are not counted. */
const MAX_HEADERS_BYTES = 5000;
/** Nobody is asked, as pings wait behind what is not read. */
const QUIET = { heartbeatIntervalMs: false } as const;

interface Sending {
  readonly behaviour: Behaviour;
  send(user: string, text: string): void;
  /** Sends much, at once. */
  flood(user: string): void;
}

/** Sends to whoever is in. */
function sending(): Sending {
  const sends = new Map<string, (text: string) => void>();
  const send: Sending['send'] = (user, text) => sends.get(user)?.(text);
  return {
    behaviour: { began: ({ user }, its) => void sends.set(user, its) },
    send,
    flood: (user) => {
      for (let time = 0; time < 10; time += 1) send(user, BEYOND);
    },
  };
}

function unsentBytesOf({ factory }: Stage, user: string): number {
  return factory.lookAt(user).managers.reduce((sum, { unsentBytes }) => sum + unsentBytes, 0);
}

/** A client that is in and reads no more, with so much waiting for it. */
async function unread(stage: Stage, { flood }: Sending, bytes: number): Promise<RawClient> {
  const ada = await stage.enter('ada');
  ada.socket.pause();
  await until(() => {
    if (unsentBytesOf(stage, 'ada') >= bytes) return true;
    flood('ada');
    return false;
  }, 'enough waits for it');
  return ada;
}

/** Whether what a server wrote is whole frames, one after another. */
function areWholeFrames(bytes: Buffer): boolean {
  let at = 0;
  while (at + 2 <= bytes.length) {
    const code = bytes.readUInt8(at + 1);
    const length = code === 126 ? bytes.readUInt16BE(at + 2) : code === 127 ? bytes.readUInt32BE(at + 6) : code;
    if ((bytes.readUInt8(at) & 0x70) !== 0 || code > 127) return false;
    at += length + (code === 126 ? 4 : code === 127 ? 10 : 2);
  }
  return at === bytes.length;
}

/** That every policy is in force on an adapter, or refused where it is set. */
export function conformancePolicies(subject: Subject, { words, absent }: Policies): void {
  const has = (...names: readonly (keyof NetworkOptions)[]): boolean => names.every((name) => !absent.includes(name));

  describe(`${subject.name}, policies`, () => {
    test.each(Object.entries(NETWORK))('[J40] %s is taken, or named where it cannot work', async (name, value) => {
      const factory = createManagerFactory();
      onTestFinished(() => factory.close());
      const serve = async (): Promise<void> => {
        const { guard, server, close } = await subject.serve(factory, { [name]: value });
        guard.close();
        await close();
        server.close();
      };
      if (has(name as keyof NetworkOptions)) await serve();
      else await expect(serve()).rejects.toThrow(`${name} cannot be set here: `);
    });

    test('[J73] an option that does not exist is named, and nothing begins', async () => {
      const factory = createManagerFactory();
      onTestFinished(() => factory.close());
      const misspelt = { identifyTimeoutMs: 1000, trustedProxy: ['10.0.0.1'], identifyTimeoutMS: 1 };
      const problems = ['trustedProxy is not an option here', 'identifyTimeoutMS is not an option here'];
      await expect((async () => subject.serve(factory, misspelt))()).rejects.toMatchObject({ problems });
      expect(factory.stats().sweep.running).toBe(false);
    });

    test('[J41] clients behind a trusted proxy each have the address that it names', async () => {
      const stage = await stageOf(subject, { trustedProxies: ['127.0.0.0/8'] }, { maxManagersPerAddress: 1 });
      const from = (address: string): Record<string, string> => ({ 'x-forwarded-for': address });
      const [first, second] = [await stage.ask('ada', from('192.0.2.1')), await stage.ask('eve', from('192.0.2.2'))];
      await until(() => stage.factory.stats().active === 2, 'both are let in');
      const third = await stage.ask(OTHER, from('192.0.2.1'));
      expect(await stage.refused(third)).toMatchObject({ status: 429, reason: 'address-limit' });
      for (const client of [first, second]) client.leave('fin');
    });

    test('[J42] a client that does not read is reset at maxBufferedBytes, and nobody else', async () => {
      const { behaviour, flood } = sending();
      const stage = await stageOf(subject, behaviour, { ...QUIET, maxBufferedBytes: MAX_BUFFERED_BYTES });
      const ada = await stage.enter('ada');
      const other = await stage.enter(OTHER);
      ada.socket.pause();
      const slow = recordEvents(['watertight:consumer:slow']);
      await until(() => {
        flood('ada');
        return stage.factory.stats().released.total === 1;
      }, 'it is let go of');
      const unsentBytes = Number(slow[0]?.payload['unsentBytes']);
      expect([slow.length, unsentBytes > 0, unsentBytes < MAX_BUFFERED_BYTES + MAX_HEADERS_BYTES]).toEqual([
        1,
        true,
        true,
      ]);
      expect(stage.factory.stats()).toMatchObject({
        released: { byReason: { 'slow-consumer': 1 } },
        slowConsumers: { terminated: 1 },
      });
      ada.socket.resume();
      await until(() => ada.end !== undefined, 'its socket is gone');
      await isServed(subject, other, 'hello');
    });

    test('[J42] what is dropped for a client that does not read leaves the rest whole', async () => {
      const { behaviour, send, flood } = sending();
      const stage = await stageOf(subject, behaviour, {
        ...QUIET,
        maxBufferedBytes: MAX_BUFFERED_BYTES,
        onSlowConsumer: 'drop',
      });
      const ada = await stage.enter('ada');
      ada.socket.pause();
      await until(() => {
        flood('ada');
        return stage.factory.stats().slowConsumers.framesDropped >= 3;
      }, 'something is dropped');
      expect(unsentBytesOf(stage, 'ada')).toBeLessThan(MAX_BUFFERED_BYTES + MAX_HEADERS_BYTES);
      ada.socket.resume();
      await until(() => unsentBytesOf(stage, 'ada') === 0, 'it has what waited');
      send('ada', 'afterwards');
      await until(() => subject.speech.hears(ada, 'afterwards'), 'it hears what comes afterwards');
      expect(stage.factory.usage('ada').active).toBe(1);
      if (ada.response?.status === 101) await until(() => areWholeFrames(ada.frames), 'all that came is whole frames');
    });

    test('[J43] whose data is unsent is not idle, and is put off by a drain until it is sent', async () => {
      const its = sending();
      const stage = await stageOf(subject, its.behaviour, { ...QUIET, idleTimeoutMs: 500 });
      const ada = await unread(stage, its, 1_000_000);
      const sinceMs = performance.now();
      await until(() => performance.now() - sinceMs > 900, 'it was not used for long');
      expect(stage.factory.usage('ada').active).toBe(1);
      const random = vi.spyOn(Math, 'random').mockReturnValue(0);
      onTestFinished(() => random.mockRestore());
      const drained = stage.factory.drain({ windowMs: 30_000 });
      random.mockRestore();
      const putOffMs = performance.now();
      await until(() => performance.now() - putOffMs > 100, 'its turn has come');
      expect(stage.factory.usage('ada').active).toBe(1);
      ada.socket.resume();
      await until(() => stage.factory.usage('ada').held === 0, 'it is closed');
      expect(await drained).toMatchObject({ putOff: 1, hardStopped: 0, unsentBytes: 0 });
    });

    test.skipIf(words.length === 0)('[J44] of many refusals a second the rest is answered more cheaply', async () => {
      const bounds = { close: words.includes('close') ? 1 : 0, http: words.includes('http') ? 2 : 0 };
      const stage = await stageOf(subject, {
        identify: () => null,
        ...(bounds.close > 0 ? { maxCloseRefusalsPerSecond: bounds.close } : undefined),
        ...(bounds.http > 0 ? { maxHttpRefusalsPerSecond: bounds.http } : undefined),
      });
      expect(stage.factory.stats().refusalBudget).toEqual(bounds);
      // All within one second: the first of them begins it.
      const clients = await Promise.all(Array.from({ length: 6 }, () => stage.ask('ada')));
      await until(() => clients.every(({ end }) => end !== undefined), 'the server let go of all', 2000);
      const told = clients.filter((client) => subject.speech.refusal(client) !== undefined).length;
      // By close code where that is how it is asked here, and of those that came by HTTP nothing else is understood.
      expect(told).toBe(words[0] === 'close' ? bounds.close : bounds.http);
      expect(stage.factory.stats()).toMatchObject({
        refusalAnswers: { ...bounds, destroy: 6 - bounds.close - bounds.http },
        refusedByReason: { unauthenticated: 6 },
      });
      stage.guard.close();
      expect(stage.factory.stats().refusalBudget).toEqual({ close: null, http: null });
    });

    test.skipIf(!has('maxEarlyBytes', 'maxEarlyMessages')).each([
      ['bytes', { maxEarlyBytes: 200 }, frame(TEXT, 'x'.repeat(200)), 'early-data-limit'],
      [
        'messages',
        { maxEarlyMessages: 3 },
        Buffer.concat(Array.from({ length: 4 }, () => frame(9, ''))),
        'early-message-limit',
      ],
    ] as const)('[J45] more %s than allowed before it is known are refused', async (_what, options, bytes, reason) => {
      const stage = await stageOf(subject, { ...options, identify: (user) => (user === OTHER ? user : NEVER) });
      const ada = await stage.ask('ada');
      await until(() => stage.guard.pendingCount === 1, 'it is being decided');
      ada.socket.write(bytes);
      await until(() => ada.end !== undefined, 'the server let go', 2000);
      expect(stage.factory.stats().refusedByReason).toEqual({ [reason]: 1 });
      (await stage.enter(OTHER)).leave('fin');
      await stage.nothingIsLeft();
    });

    test.skipIf(!has('maxEarlyBytes'))('[J45] bytes that come in one packet with the request count', async () => {
      const { speech } = subject;
      const inOnePacket: Subject = {
        ...subject,
        speech: {
          ...speech,
          ask: (client, user, headers) => {
            client.socket.cork();
            speech.ask(client, user, headers);
            if (user !== OTHER) client.socket.write(frame(TEXT, 'x'.repeat(200)));
            client.socket.uncork();
          },
        },
      };
      const stage = await stageOf(inOnePacket, {
        maxEarlyBytes: 200,
        identify: (user) => (user === OTHER ? user : NEVER),
      });
      const ada = await stage.ask('ada');
      await until(() => ada.end !== undefined, 'the server let go', 2000);
      expect(stage.factory.stats().refusedByReason).toEqual({ 'early-data-limit': 1 });
      (await stage.enter(OTHER)).leave('fin');
      await stage.nothingIsLeft();
    });

    test.skipIf(!subject.can.messages)(
      '[J45] nothing that is sent before it is known extends the time for it',
      async () => {
        const stage = await stageOf(subject, {
          identify: (user) => (user === OTHER ? user : NEVER),
          identifyTimeoutMs: 300,
          ...(has('maxEarlyMessages') ? { maxEarlyMessages: 10_000 } : undefined),
        });
        const ada = await stage.ask('ada');
        const talking = setInterval(() => ada.socket.writable && ada.socket.write(frame(9, '')), 20);
        onTestFinished(() => clearInterval(talking));
        expect(await stage.refused(ada)).toMatchObject({ status: 503, reason: 'identify-timeout' });
        clearInterval(talking);
      },
    );
  });
}
