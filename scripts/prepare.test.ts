import { spawn } from 'node:child_process';
import { cpSync, existsSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PrepareError, prepare, requireNode } from './prepare.mjs';
import { ROOT } from './root.mjs';
import { plant, write } from './tree.ts';

const PACKAGE = { name: 'house', version: '1.0.0', private: true, type: 'module', engines: { node: '>=20.19' } };

/** A repository that needs a local package from npm, so that no registry is asked, and builds nothing. */
const INSTALLABLE: Readonly<Record<string, string>> = {
  'package.json': JSON.stringify({ ...PACKAGE, dependencies: { part: 'file:part' } }),
  'package-lock.json': JSON.stringify({
    name: 'house',
    version: '1.0.0',
    lockfileVersion: 3,
    requires: true,
    packages: {
      '': { name: 'house', version: '1.0.0', dependencies: { part: 'file:part' } },
      'node_modules/part': { resolved: 'part', link: true },
      part: { version: '1.0.0' },
    },
  }),
  'part/package.json': JSON.stringify({ name: 'part', version: '1.0.0' }),
  'part/index.js': 'export const one = 1;',
  'tsconfig.json': '{ "files": [] }',
};

/** A repository with one project to build, whose compiler is this one's. */
function plantBuildable(atEnd?: (remove: () => void) => void): string {
  const files = {
    'package.json': JSON.stringify(PACKAGE),
    'package-lock.json': JSON.stringify({ name: 'house', lockfileVersion: 3, packages: { '': PACKAGE } }),
    'node_modules/.package-lock.json': JSON.stringify({ name: 'house', lockfileVersion: 3, packages: {} }),
    'tsconfig.base.json': JSON.stringify({
      compilerOptions: { composite: true, module: 'nodenext', target: 'es2022', types: [] },
    }),
    'tsconfig.json': JSON.stringify({ files: [], references: [{ path: 'packages/one' }] }),
    'packages/one/package.json': JSON.stringify({ name: 'one', type: 'module' }),
    'packages/one/tsconfig.json': JSON.stringify({
      extends: '../../tsconfig.base.json',
      compilerOptions: { rootDir: 'src', outDir: 'dist', tsBuildInfoFile: 'dist/.tsbuildinfo' },
      include: ['src'],
    }),
    'packages/one/src/a.ts': 'export const a: number = 1;\n',
    'packages/one/src/b.ts': 'export const b: number = 2;\n',
  };
  const root = plant(files, atEnd);
  for (const name of ['typescript', '@typescript']) {
    symlinkSync(join(ROOT, 'node_modules', name), join(root, 'node_modules', name), 'junction');
  }
  return root;
}

async function saidBy(root: string): Promise<string[]> {
  const lines: string[] = [];
  await prepare({ root, say: (line) => lines.push(line.replace(/\d+\.\d s/, 'n s')) });
  return lines;
}

const installing = ['Installing the dependencies of package-lock.json …', 'Installed in n s.'];

/** A repository that is prepared, once for all who change something in a copy of it. */
class Prepared {
  #root = '';
  #remove = (): void => undefined;
  said: readonly string[] = [];

  constructor(plantIt: (atEnd: (remove: () => void) => void) => string) {
    beforeAll(async () => {
      this.#root = plantIt((remove) => (this.#remove = remove));
      this.said = await saidBy(this.#root);
    });
    afterAll(() => this.#remove());
  }

  copy(): string {
    const root = plant({});
    cpSync(this.#root, root, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
    return root;
  }
}

describe('installing', () => {
  const installed = new Prepared((atEnd) => plant(INSTALLABLE, atEnd));

  it('[B1] happens once, and again when package-lock.json changed', async () => {
    expect(installed.said).toEqual(installing);
    const root = installed.copy();
    expect(existsSync(join(root, 'node_modules/part/index.js'))).toBe(true);
    expect(await saidBy(root)).toEqual([]);
    const changed = (INSTALLABLE['package-lock.json'] ?? '').replaceAll('node_modules/part', 'node_modules/p2');
    write(root, {
      'package-lock.json': changed.replaceAll('"part":"file', '"p2":"file').replace('"part":{', '"part":{"name":"p2",'),
      'package.json': JSON.stringify({ ...PACKAGE, dependencies: { p2: 'file:part' } }),
      'part/package.json': JSON.stringify({ name: 'p2', version: '1.0.0' }),
    });
    expect(await saidBy(root)).toEqual(installing);
    expect(existsSync(join(root, 'node_modules/p2/index.js'))).toBe(true);
    expect(existsSync(join(root, 'node_modules/part'))).toBe(false);
  });

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

  it('[B2] happens once, and again when a source or a setting changed', async () => {
    expect(built.said).toEqual(['Built in n s.']);
    const root = built.copy();
    const out = join(root, 'packages/one/dist/a.js');
    expect(await saidBy(root)).toEqual([]);
    write(root, { 'packages/one/src/a.ts': 'export const a: number = 3;\n' });
    expect(await saidBy(root)).toEqual(['Built in n s.']);
    expect(readFileSync(out, 'utf8')).toContain('a = 3');
    write(root, {
      'tsconfig.base.json': readFileSync(join(root, 'tsconfig.base.json'), 'utf8').replace('es2022', 'es2023'),
    });
    expect(await saidBy(root)).toEqual(['Built in n s.']);
    rmSync(join(root, 'packages/one/dist'), { recursive: true });
    expect(await saidBy(root)).toEqual(['Built in n s.']);
    expect(existsSync(out)).toBe(true);
  });

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

describe('the version of Node', () => {
  it.each(['20.19.0', '20.20.2', '22.0.0', '26.10.0'])('[B5] %s is enough', (version) => {
    expect(() => requireNode(ROOT, version)).not.toThrow();
  });

  it.each(['18.20.4', '20.18.3', '0.12.0'])('[B5] %s is not', (version) => {
    expect(() => requireNode(ROOT, version)).toThrow(
      new PrepareError(`This repository needs Node.js 20.19 or newer; this is ${version}.`),
    );
  });
});

describe('starting', () => {
  /** The scripts of this repository in another one, whose command line says what it was given. */
  function plantStartable(main: string): string {
    const root = plant({
      'package.json': JSON.stringify(PACKAGE),
      'package-lock.json': JSON.stringify({ name: 'house', lockfileVersion: 3, packages: { '': PACKAGE } }),
      'node_modules/.package-lock.json': JSON.stringify({ packages: {} }),
      'tsconfig.json': '{ "files": [] }',
      'packages/watertight/dist/programs/watertight.js': main,
    });
    const own = ['prepare', 'exclusive', 'fingerprint', 'installed', 'root', 'start'];
    for (const name of own) cpSync(join(ROOT, 'scripts', `${name}.mjs`), join(root, 'scripts', `${name}.mjs`));
    return root;
  }

  function start(root: string, args: readonly string[]): Promise<{ code: number | null; stdout: string }> {
    const child = spawn(process.execPath, [join(root, 'scripts/start.mjs'), ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString();
      if (stdout.includes('ready')) child.kill('SIGINT');
    });
    return new Promise((resolve) => child.once('close', (code) => resolve({ code, stdout })));
  }

  it('[B6] passes on arguments and the exit code', async () => {
    const root = plantStartable(`console.log(process.argv.slice(2).join(' ')); process.exitCode = 3;`);
    const { code, stdout } = await start(root, ['leaky', '--only', 'suite coverage']);
    expect(stdout).toMatch(/^check .*leaky.* --only suite coverage\n$/);
    expect(code).toBe(3);
  });

  it('[B6] passes on Ctrl-C', async () => {
    const root = plantStartable(
      `setInterval(() => {}, 1000); process.once('SIGINT', () => process.exit(42)); console.log('ready');`,
    );
    expect(await start(root, ['healthy'])).toEqual({ code: 42, stdout: 'ready\n' });
  });

  it('[B6] refuses a name it does not know', async () => {
    expect((await start(plantStartable(''), ['other'])).code).toBe(2);
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
