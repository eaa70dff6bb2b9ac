import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { afterEach, expect, test } from 'vitest';
import type { InitRequest } from '../src/cli/init-command.ts';
import { init } from '../src/cli/init.ts';
import { runCli } from './cli-process.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

type Files = Readonly<Record<string, string | object>>;

function projectWith(files: Files): string {
  const folder = mkdtempSync(join(tmpdir(), 'watertight-init-'));
  folders.push(folder);
  for (const [name, content] of Object.entries(files)) {
    if (name.includes('/')) mkdirSync(join(folder, name.slice(0, name.lastIndexOf('/'))), { recursive: true });
    writeFileSync(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));
  }
  return folder;
}

const NOTHING_GIVEN: InitRequest = { start: [], runner: undefined, language: undefined, yes: false, force: false };

/** Runs it as somebody at a terminal, who types these lines when they are asked; without them there is no terminal. */
async function initIn(folder: string, request: Partial<InitRequest> = {}, typed?: readonly string[]): Promise<string> {
  const input = new PassThrough();
  let said = '';
  let answered = 0;
  const output = new Writable({
    write(chunk: Buffer, _encoding, done) {
      said += String(chunk);
      if (/[?] (\(.*\) )?$/.test(String(chunk))) {
        const line = typed?.[answered];
        answered += 1;
        if (line === undefined) input.end();
        else input.write(`${line}\n`);
      }
      done();
    },
  });
  await init({ ...NOTHING_GIVEN, ...request }, { cwd: folder, input, output, isTerminal: typed !== undefined });
  return said;
}

const read = (folder: string, name: string): string => readFileSync(join(folder, name), 'utf8');

test.each([
  ['nothing but a server', {}, ['node', 'server.mjs'], 'leaks.test.mjs', 'node --test leaks.test.mjs'],
  [
    'Vitest',
    { devDependencies: { vitest: '4' } },
    ['node', 'server.mjs'],
    'leaks.test.mjs',
    'npx vitest run leaks.test.mjs',
  ],
  ['Jest', { devDependencies: { jest: '30' } }, ['node', 'server.mjs'], 'leaks.test.cjs', 'npx jest leaks.test.cjs'],
  [
    'a Jest that finds no other ending than .js',
    { devDependencies: { jest: '^29.7.0' } },
    ['node', 'server.mjs'],
    'leaks.test.js',
    'npx jest leaks.test.js',
  ],
  [
    'a script that starts it by Node',
    { scripts: { start: 'node --enable-source-maps server.mjs' } },
    ['node', '--enable-source-maps', 'server.mjs'],
    'leaks.test.mjs',
    'node --test leaks.test.mjs',
  ],
  [
    'a script that needs a shell, and Jest in the script for tests',
    { scripts: { start: 'NODE_ENV=test nodemon server.mjs | cat', test: 'jest' }, devDependencies: { vitest: '4' } },
    ['npm', 'run', 'start'],
    'leaks.test.cjs',
    'npx jest leaks.test.cjs',
  ],
  [
    'TypeScript that Node reads by tsx',
    { devDependencies: { typescript: '5', tsx: '4' }, scripts: { test: 'tsx --test' } },
    ['node', 'server.mjs'],
    'leaks.test.mts',
    'node --import tsx --test leaks.test.mts',
  ],
  [
    'TypeScript that Jest reads',
    { devDependencies: { typescript: '5', 'ts-jest': '29', jest: '30' } },
    ['node', 'server.mjs'],
    'leaks.test.ts',
    'npx jest leaks.test.ts',
  ],
  [
    'TypeScript that Jest does not read',
    { devDependencies: { typescript: '5', jest: '30' } },
    ['node', 'server.mjs'],
    'leaks.test.cjs',
    'npx jest leaks.test.cjs',
  ],
] as const)('[C24] without a question it finds what is there: %s', async (_what, manifest, start, testFile, next) => {
  const folder = projectWith({ 'package.json': manifest, 'server.mjs': '' });
  const said = await initIn(folder);
  const config = readdirSync(folder).find((name) => name.startsWith('watertight.config')) ?? '';
  expect(config).toBe(testFile.endsWith('ts') ? 'watertight.config.ts' : 'watertight.config.mjs');
  expect(read(folder, config)).toContain(`command: [${start.map((word) => `'${word}'`).join(', ')}]`);
  expect(read(folder, testFile)).toContain('await expectNoLeaks();');
  for (const told of [`Wrote ${config}`, `Wrote ${testFile}`, next, 'npm install -D watertight'])
    expect(said).toContain(told);
});

test('[C24] a manifest that begins with a byte order mark is read, and a file called test is no folder for tests', async () => {
  const folder = projectWith({ 'package.json': '\ufeff{"type":"module"}', 'app.js': '', test: '' });
  expect(await initIn(folder)).toContain('Wrote leaks.test.mjs');
});

test('[C24] whatever is in a command, the config says it again', async () => {
  const folder = projectWith({ 'package.json': {} });
  const start = ['node', 'a\rb', String.raw`"it's" \"`, '\u2028', 'c\nd'];
  await initIn(folder, { start, yes: true });
  const text = read(folder, 'watertight.config.mjs').replace(/^import .*$/m, 'const defineConfig = (one) => one;');
  writeFileSync(join(folder, 'read-again.mjs'), text);
  const config = (await import(/* @vite-ignore */ join(folder, 'read-again.mjs'))) as { default: unknown };
  expect(config.default).toEqual({ command: start });
});

test('[C24] what README.md shows is what it writes, and what is installed is not asked for again', async () => {
  const page = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const folder = projectWith({
    'package.json': { devDependencies: { vitest: '4', watertight: '0' } },
    'server.mjs': '',
    'tests/a.test.js': '',
  });
  const said = await initIn(folder);
  expect(page).toContain(`\`\`\`js\n${read(folder, 'tests/leaks.test.mjs')}\`\`\``);
  expect(said).toMatch(/Next:\n {2}npx vitest run tests\/leaks\.test\.mjs\n$/);
});

test('[C24] at a terminal it asks three questions, and an empty answer takes what was found', async () => {
  const folder = projectWith({ 'package.json': { type: 'module' }, 'server.js': '' });
  const said = await initIn(folder, {}, ['PORT=0 node server.js', 'vitest', '']);
  expect(said.match(/\?/g)).toHaveLength(3);
  expect(said).toContain('Which command starts the server? (node server.js)');
  expect(read(folder, 'watertight.config.mjs')).toContain(`command: ['sh', '-c', 'PORT=0 node server.js']`);
  expect(read(folder, 'leaks.test.mjs')).toContain(`from 'watertight/vitest'`);
});

test('[C24] what flags say is not asked', async () => {
  const folder = projectWith({ 'package.json': {} });
  const given = { start: ['node', "it's.js"], runner: 'node', language: 'cjs' } as const;
  expect(await initIn(folder, given, [])).not.toContain('?');
  expect(read(folder, 'leaks.test.cjs')).toContain(`const { expectNoLeaks } = require('watertight/node-test');`);
  expect(read(folder, 'watertight.config.mjs')).toContain(String.raw`command: ['node', 'it\'s.js']`);
  await initIn(folder, { start: ['sh', '-c', 'cd \\srv\nnode x'], runner: 'node', yes: true, force: true });
  expect(read(folder, 'watertight.config.mjs')).toContain(String.raw`command: ['sh', '-c', 'cd \\srv\nnode x']`);
});

test.each([
  ['no package.json', {}, {}, undefined, 'there is no package.json in'],
  ['a package.json that is none', { 'package.json': '[' }, {}, undefined, 'package.json cannot be read'],
  ['nothing that starts', { 'package.json': {} }, {}, undefined, 'Give it behind --'],
  [
    'an answer that is none of the names',
    { 'package.json': {}, 'app.js': '' },
    {},
    ['', 'mocha'],
    '"mocha" is not one of vitest, jest, node',
  ],
  [
    'a question that is not answered',
    { 'package.json': {}, 'app.js': '' },
    {},
    [''],
    'not all questions were answered',
  ],
  [
    'a language that the runner cannot read',
    { 'package.json': {}, 'app.js': '' },
    { runner: 'vitest', language: 'cjs' },
    undefined,
    'Vitest runs ES modules',
  ],
  [
    'a test that is there',
    { 'package.json': {}, 'app.js': '', 'leaks.test.cjs': 'mine' },
    {},
    undefined,
    'leaks.test.cjs is there already; --force',
  ],
  [
    'a folder in the place of the test, also with --force',
    { 'package.json': {}, 'app.js': '', 'leaks.test.cjs/a.txt': 'mine' },
    { force: true },
    undefined,
    'leaks.test.cjs is a folder; expected a file',
  ],
  ['an empty command', { 'package.json': {}, 'app.js': '' }, { start: [''] }, undefined, 'behind -- is empty'],
  [
    'another config, also with --force',
    { 'package.json': {}, 'app.js': '', 'watertight.config.json': '{}' },
    { force: true },
    undefined,
    'watertight.config.json is there already; take it away',
  ],
] as const)('[C25] %s: it says so and writes nothing', async (_what, files: Files, request, typed, message) => {
  const folder = projectWith(files);
  const before = readdirSync(folder);
  await expect(initIn(folder, request, typed)).rejects.toThrow(message);
  expect(readdirSync(folder)).toEqual(before);
  if ('leaks.test.cjs' in files) expect(read(folder, 'leaks.test.cjs')).toBe('mine');
});

test('[C25] where the second file cannot be written the first is not either, and it ends with 2', async () => {
  const folder = projectWith({ 'package.json': {}, 'app.js': '' });
  // A folder in which nobody can make a file, whoever asks.
  symlinkSync('/proc/self', join(folder, 'test'));
  const { code, stdout, stderr } = await runCli(['init', '--yes'], { cwd: folder });
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toMatch(/^watertight: init: .*test\/leaks\.test\.cjs cannot be written: ENOENT/);
  expect(readdirSync(folder).toSorted()).toEqual(['app.js', 'package.json', 'test']);
});

test('[C24, C25] on the command line: what it wrote, 2 the second time, 0 with --force', async () => {
  const folder = projectWith({ 'package.json': {} });
  const args = ['init', '--runner', 'vitest', '--', 'node', 'here.js'];
  expect(await runCli(args, { cwd: folder })).toMatchObject({ code: 0, stderr: '' });
  const config = read(folder, 'watertight.config.mjs');
  writeFileSync(join(folder, 'watertight.config.mjs'), 'export default {};\n');
  expect(await runCli(args, { cwd: folder })).toMatchObject({ code: 2, stdout: '' });
  expect(read(folder, 'watertight.config.mjs')).toBe('export default {};\n');
  expect(await runCli(['init', '--force', ...args.slice(1)], { cwd: folder })).toMatchObject({ code: 0 });
  expect(read(folder, 'watertight.config.mjs')).toBe(config);
  const wrong = await runCli(['init', '--runner', 'mocha'], { cwd: folder });
  expect(wrong).toMatchObject({ code: 2 });
  expect(wrong.stderr).toContain('--runner is "mocha"; expected vitest, jest, node');
});
