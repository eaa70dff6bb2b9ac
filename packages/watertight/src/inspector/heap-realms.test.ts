import { afterEach, expect, test } from 'vitest';
import { type Examined, examineFixture } from '../../test/heap-process.ts';
import type { HeapLook } from './heap-types.ts';

const leftovers: Examined[] = [];
afterEach(async () => {
  for (const examined of leftovers.splice(0)) await examined.end();
});

async function examine(...args: readonly string[]): Promise<Examined> {
  const examined = await examineFixture('sandboxed.mjs', { args });
  leftovers.push(examined);
  return examined;
}

const total = (look: HeapLook, name: string): number =>
  look.classes.filter((row) => row.name === name).reduce((sum, { count }) => sum + count, 0);

test('[I39] what a program in a realm of node:vm makes is counted by class, and its collections are followed', async () => {
  const { look, tell, examination } = await examine();
  await tell('seat 10');
  await tell('name 4');
  await look();
  const walk = { classes: true, collections: true };
  const before = await look(walk);
  await tell('seat 37');
  await tell('name 41');
  await tell('garbage 100');
  const after = await look(walk);
  expect([total(before, 'Seat'), total(after, 'Seat')]).toEqual([10, 47]);
  expect([after.otherRealmCount, after.walkedRealmCount]).toEqual([1, 1]);
  const grown = after.collections?.map(({ kind, sizes, holds }) => ({ kind, last: sizes.at(-1), holds }));
  expect(grown).toContainEqual({ kind: 'Array', last: 47, holds: ['Seat'] });
  expect(grown).toContainEqual({ kind: 'Map', last: 45, holds: ['number'] });
  const row = after.classes.find(({ name }) => name === 'Seat');
  expect(await examination.positionOf(row?.id ?? -1)).toMatchObject({ functionName: 'Seat', line: 2 });
});

test('[I39, I19] a sandbox that is a proxy is found through its owner, and nobody asks it for anything', async () => {
  const { look, tell, examination } = await examine('--proxied');
  await tell('seat 10');
  await look();
  await tell('seat 37');
  const after = await look();
  expect([total(after, 'Seat'), after.walkedRealmCount]).toEqual([47, 1]);
  const plant = await examination.plant(5);
  expect(total(await look(), plant.className)).toBe(10);
});

test('[I39, I14] a plant lies in every realm that is looked into, and is gone from each when taken out', async () => {
  const { look, examination } = await examine();
  await look();
  await look();
  const plant = await examination.plant(0);
  expect(await plant.grow(7)).toBe(14);
  const planted = (await look()).classes.filter(({ name }) => name === plant.className).map(({ count }) => count);
  expect(planted).toEqual([7, 7]);
  await plant.remove();
  await look();
  expect(total(await look(), plant.className)).toBe(0);
});

test('[I39] a realm that is looked into is kept alive by nobody, and one that comes after the baseline is not looked into', async () => {
  const { look, tell } = await examine();
  await look();
  await look();
  await tell('later 3');
  const later = await look();
  expect([later.otherRealmCount, later.walkedRealmCount]).toEqual([4, 1]);
  await tell('end 1');
  // A realm goes in the collection after that of its last object.
  await look();
  const ended = await look();
  expect([ended.otherRealmCount, ended.walkedRealmCount]).toEqual([3, 0]);
});
