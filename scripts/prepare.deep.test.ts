import { spawn } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { INSTALLABLE, installing, PACKAGE, plantBuildable, Prepared, saidBy } from './prepare-house.ts';
import { prepare } from './prepare.mjs';
import { plant, write } from './tree.ts';

describe('installing', () => {
  const installed = new Prepared((atEnd) => plant(INSTALLABLE, atEnd));

  it('[B1] accepts what somebody installed by hand', async () => {
    const root = installed.copy();
    rmSync(join(root, 'node_modules/.installed-from'));
    expect(await saidBy(root)).toEqual([]);
  });

  it.each([['.package-lock.json'], ['part']])(
    '[B3] is done again when it left node_modules without %s',
    async (lost) => {
      const root = installed.copy();
      rmSync(join(root, 'node_modules/.installed-from'));
      rmSync(join(root, 'node_modules', lost), { force: true });
      expect(await saidBy(root)).toEqual(installing);
      expect(existsSync(join(root, 'node_modules/part/index.js'))).toBe(true);
    },
  );

  it('[B3] that fails shows what npm said, and does not count', async () => {
    const root = plant({
      ...INSTALLABLE,
      'package.json': JSON.stringify({ ...PACKAGE, dependencies: { part: 'file:part', other: 'file:other' } }),
      'other/package.json': JSON.stringify({ name: 'other', version: '1.0.0' }),
    });
    for (const _ of [1, 2]) {
      await expect(saidBy(root)).rejects.toThrow(/in sync[^]*npm ci failed with exit code 1/);
    }
  });

  it('[B4] by two at once happens once', async () => {
    const root = plant(INSTALLABLE);
    const said = (await Promise.all([saidBy(root), saidBy(root)])).flat().toSorted();
    expect(said).toEqual([...installing, 'Waiting for another run that installs or builds here …'].toSorted());
  });
});

describe('building', () => {
  const built = new Prepared(plantBuildable);

  it('[B2] is not asked for by a test that changed', async () => {
    const root = built.copy();
    write(root, { 'packages/one/src/a.test.ts': 'export {};\n' });
    expect(await saidBy(root)).toEqual([]);
  });

  it('[B2] leaves nothing of a source that is gone', async () => {
    const root = built.copy();
    rmSync(join(root, 'packages/one/src/b.ts'));
    await prepare({ root, say: () => {} });
    expect(['b.js', 'b.d.ts'].filter((name) => existsSync(join(root, 'packages/one/dist', name)))).toEqual([]);
    expect(existsSync(join(root, 'packages/one/dist/a.d.ts'))).toBe(true);
  });

  it('[B3] that fails shows what the compiler said, and does not count', async () => {
    const root = plantBuildable();
    write(root, { 'packages/one/src/b.ts': `export const b: number = 'two';\n` });
    for (const _ of [1, 2]) await expect(saidBy(root)).rejects.toThrow(/b\.ts[^]*TS2322[^]*The build failed/);
  });
});

describe('a lock', () => {
  const built = new Prepared(plantBuildable);

  /** A repository that has something to build. */
  function unbuilt(): string {
    const root = built.copy();
    write(root, { 'packages/one/src/a.ts': 'export const a: number = 4;\n' });
    return root;
  }

  it('[B4] of a process that died is taken over', async () => {
    const root = unbuilt();
    const child = spawn(process.execPath, ['-e', '']);
    await new Promise((resolve) => child.once('close', resolve));
    write(root, { '.watertight/prepare.lock': lockOf([child.pid]) });
    expect(await saidBy(root)).toEqual(['Built in n s.']);
  });

  it('[B4] holds while a child of its dead holder lives', async () => {
    const root = unbuilt();
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    write(root, { '.watertight/prepare.lock': lockOf([2 ** 22 + 1, child.pid]) });
    // The child ends only when the other one said that it waits: had it taken the lock over, it would never say so.
    const lines: string[] = [];
    await prepare({
      root,
      say: (line) => {
        lines.push(line);
        child.kill();
      },
    });
    expect(lines[0]).toBe('Waiting for another run that installs or builds here …');
    expect(lines).toHaveLength(2);
  });

  it('[B4] that was never filled is taken over, and is gone afterwards', async () => {
    const root = unbuilt();
    write(root, { '.watertight/prepare.lock': '' });
    expect((await saidBy(root)).at(-1)).toBe('Built in n s.');
    expect(existsSync(join(root, '.watertight/prepare.lock'))).toBe(false);
  });
});

function lockOf(pids: readonly (number | undefined)[]): string {
  return JSON.stringify({ pids, host: hostname(), nonce: 'x' });
}
