import { afterEach, expect, test } from 'vitest';
import { type Examined, examineFixture } from '../../test/heap-process.ts';
import type { HeapLook, TimerCount } from './heap-types.ts';

const CLOSER = { classes: true, collections: true };

const leftovers: Examined[] = [];
afterEach(async () => {
  for (const examined of leftovers.splice(0)) await examined.end();
});

async function examine(): Promise<Examined> {
  const examined = await examineFixture('leaks.mjs');
  leftovers.push(examined);
  return examined;
}

const timersCalling = (look: HeapLook, callback: string): readonly TimerCount[] =>
  look.timers.filter((timer) => timer.callback === callback);

test('[I16] timers that are armed are counted by what they call, also those that keep nothing alive', async () => {
  const { look, tell } = await examine();
  await tell('timer 3');
  await tell('cleared 5');
  expect(timersCalling(await look(), 'onLate')).toMatchObject([{ count: 3 }]);
  await tell('timer 37');
  await tell('interval 11');
  const last = await look();
  const [late] = timersCalling(last, 'onLate');
  expect(late).toMatchObject({ kind: 'timeout 3600000 ms', delayMs: 3_600_000, repeats: false, referenced: false });
  expect(late?.count).toBe(40);
  expect(late?.position).toMatchObject({ functionName: 'onLate', line: 44 });
  expect(late?.position?.url).toMatch(/leaks\.mjs$/);
  expect(timersCalling(last, 'onBeat')).toMatchObject([{ kind: 'interval 60000 ms', repeats: true, count: 11 }]);
  expect(last.handles['Timeout']).toBe(11);
});

test('[I16] a bound callback stands where the function stands that it calls', async () => {
  const { look, tell } = await examine();
  await tell('bound-interval 3');
  expect(timersCalling(await look(), 'bound onBound')).toMatchObject([
    { count: 3, repeats: true, position: { url: expect.stringMatching(/leaks\.mjs$/) as string } },
  ]);
});

test('[I16] no timer of ours is among them', async () => {
  const { look } = await examine();
  const { timers } = await look();
  expect(timers.filter(({ callback, position }) => /watertight/.test(callback + (position?.url ?? '')))).toEqual([]);
});

test('[I17] listeners are counted by emitter and event, before Node warns of them', async () => {
  const { look, tell } = await examine();
  await tell('listener 2');
  await tell('signal 2');
  await look(CLOSER);
  await tell('listener 37');
  await tell('signal 7');
  const { listeners } = await look(CLOSER);
  expect(listeners).toContainEqual(expect.objectContaining({ emitter: 'Hub', event: 'message', counts: [2, 39] }));
  expect(listeners).toContainEqual(expect.objectContaining({ emitter: 'AbortSignal', event: 'abort', counts: [2, 9] }));
  const [row] = listeners;
  await tell('listener 1');
  expect((await look(CLOSER)).listeners.find(({ id }) => id === row?.id)?.counts).toEqual([2, 39, 40]);
});

test('[I17] listeners that do not become more are not told', async () => {
  const { look, tell } = await examine();
  await tell('listener 20');
  await look(CLOSER);
  await tell('garbage 20');
  expect((await look(CLOSER)).listeners).toEqual([]);
});

test('[I18] handles, children and memory stand beside', async () => {
  const { look, tell } = await examine();
  const before = await look();
  await tell('buffer 37');
  await tell('child 1');
  const after = await look();
  expect(after.memory.arrayBuffersBytes - before.memory.arrayBuffersBytes).toBe(370_000);
  expect([before.runningChildren, after.runningChildren]).toEqual([0, 1]);
  expect(after.handles['ProcessWrap']).toBe(1);
});
