import { afterEach, expect, test } from 'vitest';
import { type Examined, examineFixture } from '../../test/heap-process.ts';
import type { HeapLook, SurvivorSite } from './heap-types.ts';

const leftovers: Examined[] = [];
afterEach(async () => {
  for (const examined of leftovers.splice(0)) await examined.end();
});

async function examine(): Promise<Examined> {
  const examined = await examineFixture('leaks.mjs');
  leftovers.push(examined);
  return examined;
}

/** Sites with this function of the fixture anywhere in their stack. */
function sitesIn(look: HeapLook, functionName: string): readonly SurvivorSite[] {
  return look.survivors.filter(({ stack }) => stack.some((frame) => frame.functionName === functionName));
}

/** Whether objects of one size were kept in exactly these numbers, window by window. */
function hasKept(sites: readonly SurvivorSite[], objects: Readonly<Record<number, number>>): boolean {
  const isExact = (windows: readonly number[]): boolean =>
    Object.entries(objects).every(([window, count]) => windows[Number(window)] === count);
  return sites.some((site) => site.sizes.some((size) => isExact(size.windows)));
}

test('[I12] survivors are counted exactly by the place and the window of their allocation', async () => {
  const { look, tell } = await examine();
  await tell('closure 1000');
  await look();
  await tell('closure 37');
  await look();
  await tell('closure 41');
  const last = await look();
  const [site] = sitesIn(last, 'closure');
  expect(site?.stack[0]).toMatchObject({ functionName: 'closure' });
  expect(site?.stack[0]?.url).toMatch(/leaks\.mjs$/);
  // A closure, and the scope that holds its number.
  expect(site?.sizes.filter(({ windows }) => windows[1] === 37 && windows[2] === 41)).toHaveLength(2);
});

test('[I12] old windows are looked at again: what is let go later is missed there', async () => {
  const { look, tell } = await examine();
  // The first instances of a class get room for more properties than they need.
  await tell('bounded 100');
  await look();
  await tell('bounded 10');
  expect(hasKept(sitesIn(await look(), 'bounded'), { 1: 10 })).toBe(true);
  await tell('bounded 7');
  expect(hasKept(sitesIn(await look(), 'bounded'), { 1: 3, 2: 7 })).toBe(true);
});

test('[I12] survivors are known without the walk over the heap', async () => {
  const { look, tell } = await examine();
  const quick = { classes: false, collections: false };
  await tell('session 100');
  await look(quick);
  await tell('session 37');
  const last = await look(quick);
  expect(last.classes).toEqual([]);
  expect(hasKept(sitesIn(last, 'session'), { 1: 37 })).toBe(true);
});

test('[I13] code of ours leaves no survivor', async () => {
  const { look, tell } = await examine();
  await tell('session 10');
  for (let round = 0; round < 4; round += 1) await look();
  const { survivors } = await look();
  expect(survivors.filter(({ stack }) => stack.some(({ url }) => url.startsWith('watertight:')))).toEqual([]);
});

test('[I14] a planted leak is seen by every channel, and gone without a trace when taken out', async () => {
  const { look, examination } = await examine();
  const before = await look();
  const plant = await examination.plant(7);
  await look();
  await plant.grow(11);
  const grown = await look();
  const count = (one: HeapLook): number => one.classes.find(({ name }) => name === plant.className)?.count ?? 0;
  expect([count(before), count(grown)]).toEqual([0, 18]);
  const seen = sitesIn(grown, 'growPlant').flatMap(({ sizes }) => sizes.map(({ windows }) => windows[2]));
  // Something that the compiler made for that code may have the same size.
  expect(seen).toSatisfy((counts: readonly number[]) => counts.includes(11) || counts.includes(12));
  await plant.remove();
  const after = await look();
  expect(count(after)).toBe(0);
  const sizesOf = (one: HeapLook, isMine: (windows: readonly number[]) => boolean): readonly number[] =>
    sitesIn(one, 'growPlant').flatMap(({ sizes }) =>
      sizes.filter(({ windows }) => isMine(windows)).map(({ bytes }) => bytes),
    );
  const planted = new Set(sizesOf(grown, (windows) => windows[2] === 11));
  // What the compiler made for that code may still be there, and more of it on a busy machine; it has sizes of its own.
  const left = sizesOf(after, (windows) => (windows[2] ?? 0) >= 3);
  expect(left.filter((bytes) => planted.has(bytes))).toEqual([]);
});
