import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { INSTALLABLE, installing, PACKAGE, plantBuildable, Prepared, saidBy } from './prepare-house.ts';
import { PrepareError, requireNode } from './prepare.mjs';
import { ROOT } from './root.mjs';
import { plant, write } from './tree.ts';

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
});

describe('commands', () => {
  it('[B37] of packages of this repository are there once they are built, also where npm had nothing to link yet', async () => {
    const root = plantBuildable();
    const one = { name: 'one', version: '1.0.0', type: 'module', bin: { one: './dist/a.js' } };
    write(root, {
      'package.json': JSON.stringify({ ...PACKAGE, workspaces: ['packages/one'] }),
      'packages/one/package.json': JSON.stringify(one),
      'packages/one/src/a.ts': "#!/usr/bin/env node\nexport const a: string = 'one is here';\nthrow a;\n",
    });
    symlinkSync('../packages/one', join(root, 'node_modules/one'), 'junction');
    expect(await saidBy(root)).toEqual(['Built in n s.']);
    const { stderr } = spawnSync('npx', ['--no', one.name], { cwd: root, encoding: 'utf8' });
    expect(stderr).toContain('one is here');
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
