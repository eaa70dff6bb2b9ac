import { afterEach, expect, test } from 'vitest';
import { type Examined, examineFixture } from '../../test/heap-process.ts';

const leftovers: Examined[] = [];
afterEach(async () => {
  for (const examined of leftovers.splice(0)) await examined.end();
});

test('[I36] promises that are not settled are counted exactly, those that are settled are not', async () => {
  const { look, tell, end } = await examineFixture('leaks.mjs');
  leftovers.push({ end } as Examined);
  const before = await look();
  await tell('settled 20');
  expect((await look()).pendingPromises).toBe(before.pendingPromises);
  await tell('promise 37');
  const after = await look();
  expect(after.pendingPromises).toBe((before.pendingPromises ?? NaN) + 37);
  expect((await look({ classes: false, collections: false })).pendingPromises).toBeUndefined();
});
