import { afterEach, expect, test } from 'vitest';
import { type Examined, examineFixture } from '../../test/heap-process.ts';

const ALL = { classes: true, collections: true };

const leftovers: Examined[] = [];
afterEach(async () => {
  for (const examined of leftovers.splice(0)) await examined.end();
});

async function examine(): Promise<Examined> {
  const examined = await examineFixture('leaks.mjs');
  leftovers.push(examined);
  return examined;
}

test.for([
  ['map', 'Map', 'number'],
  ['set', 'Set', 'number'],
  ['list', 'Array', 'number'],
  ['session', 'Map', 'Session'],
  ['dictionary', 'Object', 'number'],
  ['null-dictionary', 'Object', 'number'],
] as const)('[I15] %s: the collection that grows is seen by its size, look by look', async ([kind, name, value]) => {
  const { look, tell } = await examine();
  await tell(`${kind} 20`);
  const first = await look(ALL);
  expect(first.collections).toEqual([]);
  await tell(`${kind} 37`);
  await look(ALL);
  await tell(`${kind} 1`);
  const grown = (await look(ALL)).collections ?? [];
  const row = grown.find(({ sizes: [zero = 0, one = 0, two = 0] }) => one === zero + 37 && two === one + 1);
  expect(row).toMatchObject({ kind: name, holds: [value] });
  expect(grown.filter(({ sizes: [zero = 0, one = 0] }) => one - zero > 2)).toEqual([row]);
});

test('[I15] of each kind the largest that came is told, once more as long as it stays as it is, and no more once it grows', async () => {
  const { look, tell } = await examine();
  const sets = async (): Promise<unknown[]> => {
    const { collections = [], newCollections } = await look(ALL);
    return [...collections, ...newCollections].filter(({ kind }) => kind === 'Set').map(({ size }) => size);
  };
  await sets();
  const before = await sets();
  await tell('set 20');
  const came = { is: await sets(), stays: await sets() };
  await tell('set 37');
  expect([before, came, await sets()]).toEqual([[], { is: [20], stays: [20] }, [57]]);
});

test('[I15] a collection that is full, or that nobody adds to, is not among those that grow', async () => {
  const { look, tell } = await examine();
  await tell('bounded 20');
  await tell('map 20');
  await look(ALL);
  await tell('bounded 37');
  const { collections = [] } = await look(ALL);
  expect(collections.filter(({ holds }) => holds.includes('Session'))).toEqual([]);
  expect(collections.filter(({ kind }) => kind === 'Map')).toEqual([]);
});

test('[I15] a collection that was emptied between two looks has that in its sizes once it grows again', async () => {
  const { look, tell } = await examine();
  await tell('map 20');
  await look(ALL);
  await tell('map 37');
  await look(ALL);
  await tell('clear-map 1');
  await look(ALL);
  await tell('map 70');
  const { collections = [] } = await look(ALL);
  expect(collections.find(({ kind, size }) => kind === 'Map' && size === 70)?.sizes).toEqual([20, 57, 0, 70]);
});
