import { afterEach, expect, test } from 'vitest';
import { type Examined, examineFixture } from '../../test/heap-process.ts';
import type { HeapLook } from './heap-types.ts';

const leftovers: Examined[] = [];
afterEach(async () => {
  for (const examined of leftovers.splice(0)) await examined.end();
});

const ALL = { classes: true, collections: true };

test.for([[], ['--frozen'], ['--patched']])(
  '[I19] [I15] a target that traps whoever looks is counted exactly and sets off no trap: %s',
  async (args) => {
    const { look, tell, examination, end } = await examineFixture('hostile.mjs', { args });
    leftovers.push({ end } as Examined);
    expect(await tell('5')).toBe('0 traps');
    const before = await look(ALL);
    await tell('37');
    const after = await look(ALL);
    const last = (await look(ALL)).collections ?? [];
    const kept = (one: HeapLook): number => one.classes.find(({ name }) => name === 'Kept')?.count ?? 0;
    expect(kept(after) - kept(before)).toBe(37);
    expect(last.map(({ kind, sizes: [zero = 0, one = 0] }) => `${kind} ${one - zero}`)).toEqual(
      expect.arrayContaining(['Map 37', 'Set 37', 'Array 37']),
    );
    for (const { id } of after.classes.slice(0, 20)) await examination.positionOf(id);
    expect(await tell('0')).toBe('0 traps');
    await examination.close();
    expect(await tell('0')).toBe('0 traps');
  },
);
