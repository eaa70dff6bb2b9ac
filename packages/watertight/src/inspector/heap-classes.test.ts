import { readFileSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import { type Examined, examineFixture } from '../../test/heap-process.ts';
import type { HeapLook } from './heap-types.ts';

const leftovers: Examined[] = [];
afterEach(async () => {
  for (const examined of leftovers.splice(0)) await examined.end();
});

async function examine(fixture = 'leaks.mjs'): Promise<Examined> {
  const examined = await examineFixture(fixture);
  leftovers.push(examined);
  return examined;
}

const byNumber = (one: number, two: number): number => one - two;

const countsOf = (look: HeapLook, name: string): number[] =>
  look.classes.filter((it) => it.name === name).map((it) => it.count);

const total = (look: HeapLook, name: string): number => countsOf(look, name).reduce((sum, count) => sum + count, 0);

/** What the classes grew by, those that did not left out. */
function growth(before: HeapLook, after: HeapLook): Record<string, number> {
  const earlier = new Map(before.classes.map(({ id, count }) => [id, count]));
  const grown = after.classes.map(({ id, name, count }) => [name, count - (earlier.get(id) ?? 0)] as const);
  return Object.fromEntries(grown.filter(([, more]) => more > 0));
}

test('[I10] objects are counted exactly by class, and two classes of one name are two rows', async () => {
  const { look: take, tell } = await examine();
  await tell('session 3');
  await tell('twin 2');
  const before = await take();
  await tell('session 37');
  await tell('twin 11');
  const after = await take();
  const idsOf = (look: HeapLook): number[] => look.classes.filter((it) => it.name === 'Session').map((it) => it.id);
  expect(idsOf(after).toSorted(byNumber)).toEqual(idsOf(before).toSorted(byNumber));
  expect(countsOf(before, 'Session').toSorted(byNumber)).toEqual([2, 13]);
  expect(countsOf(after, 'Session').toSorted(byNumber)).toEqual([13, 50]);
  expect(after.index).toBe(1);
});

test('[I10] promises, closures and buffers kept are seen exactly, and what comes and goes is not', async () => {
  const { look, tell } = await examine();
  for (const kind of ['promise', 'closure', 'buffer', 'garbage', 'bounded']) await tell(`${kind} 100`);
  // What Node itself has just let go of may still be counted once.
  await look();
  let before = await look();
  const kept = [
    ['promise', ['Promise']],
    // Node itself turns one function into an object and back.
    ['closure', ['Function', 'Object']],
    ['buffer', ['Buffer']],
  ] as const;
  for (const [kind, names] of kept) {
    await tell(`${kind} 37`);
    const after = await look();
    const more = names.map((name) => total(after, name) - total(before, name));
    expect(more.reduce((sum, count) => sum + count, 0)).toBe(37);
    before = after;
  }
  await tell('garbage 100');
  await tell('bounded 100');
  const more = growth(before, await look());
  // Node itself may keep an object from one line of input to the next.
  expect(Object.values(more).every((count) => count <= 2)).toBe(true);
  expect(more['Session']).toBeUndefined();
});

test('[I10] looking again and again counts nothing of its own', async () => {
  const { look, tell } = await examine();
  await tell('session 100');
  await look();
  await look();
  const before = await look();
  for (let round = 0; round < 5; round += 1) await look();
  // Node itself turns one function into an object and back; what counted itself would be there once for each look.
  const more = Object.values(growth(before, await look()));
  expect(Math.max(0, ...more)).toBeLessThanOrEqual(1);
});

function lineOf(text: string): number {
  const source = readFileSync(new URL('../../test/fixtures/leaks.mjs', import.meta.url), 'utf8');
  return source.split('\n').findIndex((line) => line.startsWith(text)) + 1;
}

test('[I11] the place where a class was defined is known', async () => {
  const { look, examination } = await examine();
  const row = (await look()).classes.find((it) => it.name === 'Hub');
  const position = await examination.positionOf(row?.id ?? -1);
  expect(position).toMatchObject({ functionName: 'Hub', line: lineOf('class Hub ') });
  expect(position?.url).toMatch(/^file:.*leaks\.mjs$/);
  expect((await examination.scripts()).get(position?.scriptId ?? '')?.url).toBe(position?.url);
  expect(await examination.positionOf(1e9)).toBeUndefined();
});

test('[I10, I11] asking for places leaves nothing that is counted', async () => {
  const { look, examination } = await examine();
  await look();
  const before = await look();
  const row = before.classes.find(({ name }) => name === 'Hub');
  for (let round = 0; round < 5; round += 1) await examination.positionOf(row?.id ?? -1);
  expect(total(await look(), 'Object') - total(before, 'Object')).toBeLessThanOrEqual(1);
});
