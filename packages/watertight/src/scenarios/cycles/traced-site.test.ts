import { describe, expect, test } from 'vitest';

import { PlaceResolver } from '../../evidence/places.ts';
import type { SurvivorSite } from '../../inspector/heap-types.ts';
import type { Finding as Traced } from '../../trace/finding.ts';
import type { Suspect } from '../../verdict/suspects.ts';
import { siteOfTraced, type SiteFacts } from './traced-site.ts';

const PACKAGE = '/app/node_modules/hub/lib/hub.js';
const OTHER = '/app/node_modules/wire/lib/receiver.js';
const facts: SiteFacts = {
  places: new PlaceResolver('/app'),
  tellingRank: (name) => (name === 'Stream' ? 0 : 3),
  ownerRank: ({ stack: [frame] }) => (frame?.url.includes('node_modules') === true ? 1 : 0),
};

type Frame = readonly [functionName: string, url: string, line: number];

function made(bytes: number, ...frames: readonly Frame[]): Suspect {
  const site: SurvivorSite = {
    key: frames.join('|'),
    stack: frames.map(([functionName, url, line]) => ({ functionName, url, scriptId: '1', line, column: 1 })),
    windows: [],
    sizes: [{ bytes, objects: 10, windows: [10] }],
  };
  return {
    from: 'site',
    site: { site, windows: [], bySize: [] },
    growth: { is: 'leak', perCycle: 1, exact: true, low: 1, high: 1 },
    bytesPerCycle: bytes,
  };
}

function traced(className: string, url?: string, line = 0): Traced {
  return {
    className,
    signature: [],
    counts: [],
    perCycle: 1,
    exact: true,
    bytesPerCycle: 64,
    carriesAlong: [],
    exampleNode: 0,
    path: undefined,
    place: url === undefined ? undefined : { url, line, column: 8, mapped: false },
    retainers: { count: 1, atLeast: false, paths: [] },
    placeOf: className,
    fingerprint: '',
  };
}

const makerOf = (one: Traced, makers: readonly string[], open: readonly Suspect[]): string | undefined =>
  siteOfTraced({ traced: one, makers, selfBytes: 64 }, open, facts)?.stack[0]?.functionName;

describe('the stack that made a function', () => {
  const around = made(128, ['welcome', '/app/server.mjs', 12], ['onConnection', '/app/server.mjs', 20]);
  const outer = made(64, ['start', '/app/server.mjs', 3]);
  const later = made(64, ['onConnection', '/app/server.mjs', 20]);
  const elsewhere = made(64, ['Receiver', OTHER, 5]);

  test('[V27] is that of the function around it, whatever has its size', () => {
    expect(makerOf(traced('goodbye()', '/app/server.mjs', 13), ['goodbye'], [elsewhere, later, outer, around])).toBe(
      'welcome',
    );
  });

  test('[V27] is not told where no function around it allocated: one that begins later cannot be it', () => {
    expect(makerOf(traced('goodbye()', '/app/server.mjs', 13), ['goodbye'], [elsewhere, later])).toBeUndefined();
  });

  test('[V27] may be in Node, asked by the application', () => {
    const on = made(64, ['on', 'node:events', 1100], ['pricesOf', '/app/server.mjs', 9]);
    expect(makerOf(traced('(anonymous function)', 'node:events', 1157), [''], [elsewhere, on])).toBe('on');
  });
});

describe("the stack that made a function of Node's", () => {
  const place = { url: 'node:events', line: 1_189, column: 3, mapped: false };
  const step = { kind: 'element', name: '', className: 'errorHandler()', foldedCount: 0, scope: undefined } as const;
  const path = { root: '(global)', steps: [{ ...step, node: 0, id: 1, selfBytes: 64, place }] };
  /** What hangs on it is of the application. */
  const handler = { ...traced('errorHandler()', '/app/server.mjs', 8), placeOf: 'Context', path };
  const on = made(64, ['on', 'node:events', 1_058], ['pricesOf', '/app/server.mjs', 30]);
  const nearer = made(40, ['next', 'node:events', 1_107], ['elsewhere', '/app/server.mjs', 50]);
  const before = made(64, ['load', '/app/server.mjs', 2]);

  test('[V40] is that around it in Node, not one before what hangs on it', () => {
    expect(makerOf(handler, ['errorHandler'], [before, on])).toBe('on');
  });

  test('[V40] and of several there the one that makes something of its size', () => {
    expect(makerOf(handler, ['errorHandler'], [nearer, on])).toBe('on');
    expect(makerOf(handler, ['errorHandler'], [nearer])).toBe('next');
  });

  test('[V27] where none is there, what hangs on it says who made it', () => {
    expect(makerOf(handler, ['errorHandler'], [before])).toBe('load');
  });
});

describe('the stack that made an object of a class', () => {
  const mine = traced('Stream', '/app/node_modules/hub/lib/stream.js', 7);

  test('[V27] is of the class itself, of its package, or of the application', () => {
    const byPackage = made(64, ['subscribe', PACKAGE, 30]);
    const byClass = made(64, ['Stream', '/app/node_modules/hub/lib/stream.js', 7]);
    const byApplication = made(64, ['onConnection', '/app/server.mjs', 20]);
    const foreign = made(64, ['Receiver', OTHER, 5]);
    expect(makerOf(mine, ['Stream'], [foreign, byApplication, byPackage, byClass])).toBe('Stream');
    expect(makerOf(mine, ['Stream'], [foreign, byApplication, byPackage])).toBe('subscribe');
    expect(makerOf(mine, ['Stream'], [foreign, byApplication])).toBe('onConnection');
    expect(makerOf(mine, ['Stream'], [foreign])).toBeUndefined();
  });

  test('[V27] of which nobody knows where it is written is found by its size', () => {
    expect(makerOf(traced('Object'), ['Object'], [made(40, ['a', PACKAGE, 1]), made(64, ['b', OTHER, 1])])).toBe('b');
  });

  test('[V41] is not what the application called of Node, where the engine put the class into its caller', () => {
    const job = traced('Stream', '/app/server.mjs', 3);
    const byUrl = made(64, ['URL', 'node:internal/url', 793], ['onConnection', '/app/server.mjs', 16]);
    const byCaller = made(64, ['handle', '/app/server.mjs', 6], ['onMessage', '/app/server.mjs', 19]);
    expect(makerOf(job, ['Stream'], [byUrl, byCaller])).toBe('handle');
    expect(makerOf(job, ['Stream'], [byUrl])).toBe('URL');
  });

  test('[V34] is not where a package wrote what hangs on it', () => {
    const offence = { ...traced('Object', PACKAGE, 40), placeOf: 'onFinish()' };
    const byPackage = made(64, ['subscribe', PACKAGE, 30]);
    const byApplication = made(64, ['onError', '/app/server.mjs', 20]);
    const find = (open: readonly Suspect[]): string | undefined =>
      siteOfTraced({ traced: offence, makers: ['Object'], selfBytes: 64 }, open, {
        ...facts,
        ownerRank: ({ stack }) => (stack[0]?.url.includes('node_modules') === true ? 1 : 0),
      })?.stack[0]?.functionName;
    expect(find([byPackage, byApplication])).toBe('onError');
  });
});

describe('the stack that made what has no class of the server', () => {
  test('[V35] what is native was asked for by who had made what hangs on it, where only Node made it itself', () => {
    const port = { ...traced('Node / MessagePort', 'node:messageport', 19), placeOf: 'emit()' };
    const listens = made(40, ['Listener', 'node:event_target', 5], ['onConnection', '/app/server.mjs', 20]);
    const other = made(96, ['Timeout', 'node:timers', 5], ['onConnection', '/app/other.mjs', 20]);
    const carriesAlong = [{ className: 'Listener', perCycle: 5 }];
    expect(makerOf({ ...port, carriesAlong }, ['Node / MessagePort'], [other, listens])).toBe('Listener');
    expect(makerOf(port, ['Node / MessagePort'], [other, listens])).toBeUndefined();
  });

  test('[V35] and where only packages had made what hangs on it, that package is told', () => {
    const socket = { ...traced('Node / TCPSocketWrap', PACKAGE, 40), placeOf: 'onFinish()' };
    const byPackage = made(40, ['subscribe', PACKAGE, 30]);
    expect(makerOf(socket, ['Node / TCPSocketWrap'], [byPackage])).toBe('subscribe');
  });

  test('[V27] a text is told by how many there are: no two need have one size', () => {
    const open = [made(24, ['say', OTHER, 1]), made(24, ['onConnection', '/app/server.mjs', 20])];
    const wanted = { traced: traced('(string)'), makers: ['(string)'], selfBytes: 32 };
    expect(siteOfTraced({ ...wanted, ratePerCycle: 1 }, open, facts)?.stack[0]?.functionName).toBe('onConnection');
    expect(siteOfTraced({ ...wanted, ratePerCycle: 5 }, open, facts)).toBeUndefined();
  });

  /** `left`: of each size, how many are left of every one of 29, 33 and 38 cycles. */
  const cycled = (left: Readonly<Record<number, readonly number[]>>, ...frames: readonly Frame[]): Suspect => {
    const sizes = Object.entries(left).map(([bytes, windows]) => ({ bytes: Number(bytes), objects: 1, windows }));
    const bySize = sizes.map(({ windows }) => windows);
    const windows = [29, 33, 38].map((cycles, at) => ({
      cycles,
      objects: bySize.reduce((sum, counts) => sum + (counts[at] ?? 0), 0),
      bytes: 0,
    }));
    const perCycle = windows.reduce((sum, { objects }) => sum + objects, 0) / 100;
    const site: SurvivorSite = {
      key: frames.join('|'),
      stack: frames.map(([functionName, url, line]) => ({ functionName, url, scriptId: '1', line, column: 1 })),
      windows: [],
      sizes,
    };
    const growth = { is: 'leak', perCycle, exact: false, low: perCycle, high: perCycle } as const;
    return { from: 'site', site: { site, windows, bySize }, growth, bytesPerCycle: 1 };
  };
  const textIn = (open: readonly Suspect[], { exact = true, perCycle = 1, bytes = 32 } = {}): string | undefined => {
    const text = { ...traced('(string)'), exact, perCycle };
    const wanted = { traced: text, makers: ['(string)'], selfBytes: bytes, ratePerCycle: perCycle };
    return siteOfTraced(wanted, open, facts)?.stack[0]?.functionName;
  };
  test('[V42] a plain object is of the function that makes as many of its size, not of a stack without a frame that only makes as many', () => {
    const byEngine = cycled({ 40: [29, 33, 38], 64: [0, 1, 0] }, ['(V8 API)', '', 0]);
    const handler = cycled({ 24: [29, 33, 38], 96: [58, 66, 76], 64: [29, 33, 38] }, [
      'onConnection',
      '/app/server.mjs',
      7,
    ]);
    expect(makerOf(traced('Object', 'node:buffer', 268), ['Object'], [byEngine, handler])).toBe('onConnection');
    // The engine cuts an object to its size when it has seen some: those were larger when they were made.
    const uncut = cycled({ 72: [116, 132, 152], 64: [1, 0, 1] }, ['onMessage', '/app/server.mjs', 9]);
    expect(makerOf(traced('Object', 'node:buffer', 268), ['Object'], [byEngine, uncut])).toBe('onMessage');
  });

  /** As a package leaves it of each connection that stays, which are not all. */
  const connection = cycled({ 48: [25, 29, 33] }, ['Sender', OTHER, 38]);

  test('[V27] a text beside leaked connections is of the function that makes as many, with all else that it makes', () => {
    const handler = cycled({ 56: [75, 87, 99], 24: [29, 33, 38], 48: [25, 29, 33] }, [
      'onConnection',
      '/app/server.mjs',
      8,
    ]);
    const listening = cycled(
      { 48: [25, 29, 33], 32: [25, 29, 33] },
      ['_addListener', 'node:events', 552],
      ['onConnection', '/app/server.mjs', 8],
    );
    expect(textIn([connection, listening, handler])).toBe('onConnection');
    expect(textIn([connection, handler], { exact: false, perCycle: 0.89 })).toBe('onConnection');
  });

  test('[V27] so is one whose size grows while it is counted, and one that is put together from many pieces', () => {
    const counted = cycled({ 56: [75, 87, 99], 24: [29, 20, 0], 32: [0, 13, 38] }, ['admit', '/app/server.mjs', 9]);
    expect(textIn([connection, counted], { bytes: 40 })).toBe('admit');
    const noted = cycled({ 16: [29, 33, 38] }, ['touch', '/app/server.mjs', 7]);
    const pieces = cycled(
      { 32: [435, 495, 570] },
      ['serializeUUID', 'node:internal/crypto/random', 359],
      ['onConnection', '/app/server.mjs', 16],
    );
    expect(textIn([connection, noted, pieces])).toBe('serializeUUID');
  });

  test('[V27] a package is named for a text by size and number together, and not by either alone', () => {
    const naming = cycled({ 40: [29, 33, 38] }, ['nameOf', PACKAGE, 12]);
    expect(textIn([connection, naming], { bytes: 40 })).toBe('nameOf');
    expect(textIn([connection, naming], { bytes: 64 })).toBeUndefined();
    expect(textIn([connection], { bytes: 48 })).toBeUndefined();
  });

  test('[V27] a handle of Node is made where Node defines it, for somebody outside', () => {
    const byNode = made(40, ['onconnection', 'node:dgram', 200]);
    const asked = made(40, ['Socket', 'node:dgram', 104], ['onConnection', '/app/server.mjs', 20]);
    const other = made(40, ['Timeout', 'node:internal/timers', 170], ['onConnection', '/app/server.mjs', 20]);
    expect(makerOf(traced('Node / UDPWrap', 'node:dgram', 104), ['Node / UDPWrap'], [byNode, other, asked])).toBe(
      'Socket',
    );
    expect(makerOf(traced('Node / UDPWrap', 'node:dgram', 104), ['Node / UDPWrap'], [byNode, other])).toBeUndefined();
  });
});

describe('the stack that made promises which wait for each other', () => {
  const rated = (suspect: Suspect, perCycle: number): Suspect => ({
    ...suspect,
    growth: { is: 'leak', perCycle, exact: false, low: perCycle, high: perCycle },
  });
  const waiting = rated(made(48, ['processTicksAndRejections', 'node:internal/process/task_queues', 67]), 4);
  const makerOfPromises = (open: readonly Suspect[]): string | undefined =>
    siteOfTraced(
      { traced: traced('system / PromiseReaction'), makers: ['Promise'], selfBytes: 0, ratePerCycle: 4 },
      open,
      facts,
    )?.stack[1]?.functionName;

  test('[V27] is that of somebody who chained a fair share of them, not of Node that waits for all', () => {
    const seldom = rated(made(48, ['then', '', 0], ['greet', PACKAGE, 3]), 0.5);
    const often = rated(made(48, ['then', '', 0], ['next', PACKAGE, 9]), 2);
    expect(makerOfPromises([waiting, seldom, often])).toBe('next');
  });

  test('[V27] is that of their constructor before all others', () => {
    const chained = rated(made(48, ['then', '', 0], ['next', PACKAGE, 9]), 4);
    const constructed = rated(made(48, ['Promise', '', 0], ['ask', PACKAGE, 2]), 4);
    expect(makerOfPromises([waiting, chained, constructed])).toBe('ask');
  });
});
