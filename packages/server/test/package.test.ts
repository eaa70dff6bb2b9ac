import { readFileSync, readdirSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { AdmissionRefusedError, ERROR_CODES, UserLimitReachedError, WatertightError } from '../src/index.ts';
import { refuse } from '../src/refusals.ts';
import { PACKAGE, examplesIn, runModule } from './examples.ts';

const SRC = join(PACKAGE, 'src');

function sources(folder = SRC): readonly string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sources(path);
    return path.endsWith('.ts') && !path.endsWith('.test.ts') ? [path] : [];
  });
}

test('[X4] the package has no dependencies, and optional peers only', () => {
  const manifest = JSON.parse(readFileSync(join(PACKAGE, 'package.json'), 'utf8')) as {
    dependencies?: Record<string, string>;
    optionalDependencies?: Record<string, string>;
    peerDependencies: Record<string, string>;
    peerDependenciesMeta: Record<string, { optional?: boolean }>;
  };
  expect([manifest.dependencies, manifest.optionalDependencies]).toEqual([undefined, undefined]);
  for (const peer of Object.keys(manifest.peerDependencies))
    expect(manifest.peerDependenciesMeta[peer]).toEqual({ optional: true });
});

test('[X4] at run time the sources import node: modules and each other, nothing else', () => {
  const foreign = sources().flatMap((file) => {
    const text = readFileSync(file, 'utf8');
    const imports = [...text.matchAll(/^(?:import|export)(?! type\b)[^;]*? from '([^']+)'/gms)].map(
      ([, from = '']) => from,
    );
    return imports
      .filter((from) => !(from.startsWith('node:') && isBuiltin(from)) && !resolve(file, '..', from).startsWith(SRC))
      .map((from) => `${file}: ${from}`);
  });
  expect(foreign).toEqual([]);
  expect(sources().length).toBeGreaterThan(25);
});

test('[X4] the core runs where ws is not installed', async () => {
  const [example = ''] = examplesIn('src/factory.ts');
  const code = `import { register } from 'node:module';
register('data:text/javascript,' + encodeURIComponent("export function resolve(s, c, n) { if (s === 'ws') throw new Error('ws is not installed'); return n(s, c); }"));
await import('data:text/javascript,0');\n${example.replace(/^import (.*) from (.*);$/m, 'const $1 = await import($2);')}`;
  expect(await runModule(code)).toMatchObject({ exitCode: 0 });
});

test('[X2] errors of two copies of the package are recognised by each other, by class and by code', async () => {
  const own = new UserLimitReachedError(refuse('user-limit', { limit: 1, held: 1 }));
  expect(own).toBeInstanceOf(AdmissionRefusedError);
  expect(own).toBeInstanceOf(WatertightError);
  expect(own).toMatchObject({ name: 'UserLimitReachedError', code: 'WATERTIGHT_E_USER_LIMIT' });
  const otherCopy = (await import(join(PACKAGE, 'dist/index.js'))) as { WatertightError: typeof WatertightError };
  expect(otherCopy.WatertightError).not.toBe(WatertightError);
  expect(own instanceof otherCopy.WatertightError).toBe(true);
  expect(new otherCopy.WatertightError('WATERTIGHT_E_GUARD', 'from there')).toBeInstanceOf(WatertightError);
  for (const other of [new Error('plain'), null, undefined, 'text', {}])
    expect(other).not.toBeInstanceOf(WatertightError);
  expect(Object.keys(ERROR_CODES).every((name) => name.startsWith('WATERTIGHT_E_'))).toBe(true);
});

const REGISTRY = `
import { createManagerFactory, FACTORIES_KEY } from '@watertight/server';
const names = () => globalThis[FACTORIES_KEY].list().map(({ name }) => name);
const kept = createManagerFactory({ name: 'kept', sweepIntervalMs: false });
kept.tryAdmit({ user: 'ada' }, { withoutConnection: true });
(() => {
  const dropped = createManagerFactory({ name: 'dropped', sweepIntervalMs: false });
  dropped.tryAdmit({ user: 'ada' }, { withoutConnection: true });
})();
const closed = createManagerFactory({ name: 'closed' });
const before = names();
await closed.close();
// Nothing may look at the list meanwhile: whoever does keeps what it saw alive for that turn.
for (let round = 0; round < 10; round += 1) {
  await new Promise((resolve) => setImmediate(resolve));
  globalThis.gc();
}
await new Promise((resolve) => setImmediate(resolve));
const [found] = globalThis[Symbol.for('watertight.factories')].list();
console.log(JSON.stringify({ before, after: names(), active: found.stats().active, version: globalThis[FACTORIES_KEY].version }));
`;

test('[T8] the registry of the process lists live factories and keeps none of them alive', async () => {
  const { stdout, stderr } = await runModule(REGISTRY, { nodeOptions: ['--expose-gc'] });
  expect(stderr).toBe('');
  expect(JSON.parse(stdout)).toEqual({ before: ['kept', 'dropped', 'closed'], after: ['kept'], active: 1, version: 1 });
});

const FORGOTTEN = `
import { EventEmitter } from 'node:events';
import { createManagerFactory } from '@watertight/server';
const factory = createManagerFactory({ maxManagersPerUser: false, maxClosingPerUser: false, heartbeatIntervalMs: 1000, cleanupDeadlineMs: 50, onError() {} });
factory.start();
const bus = new EventEmitter().setMaxListeners(0);
const references = [];
const leak = [];
function session(index) {
  const transport = { ping() {}, close() { if (index % 2 === 0) connection.markGone(); }, destroy() { connection.markGone(); } };
  const connection = factory.connect(transport);
  const { manager } = factory.tryAdmit({ user: 'user-' + (index % 7) }, { connection });
  manager.every(10, () => manager);
  manager.listen(bus, 'message', () => manager);
  manager.child().defer(() => manager);
  manager.signal.addEventListener('abort', () => manager);
  void manager.released.then(() => manager);
  void manager.run(() => index % 6 === 0 ? new Promise(() => {}) : manager);
  if (index % 5 === 0) manager.defer(() => new Promise(() => {}));
  references.push(...[manager, connection, transport].map((object) => new WeakRef(object)));
  if (process.env.LEAK) leak.push(manager);
  if (index % 4 === 0) void manager.close();
  else if (index % 4 === 1) void manager.destroy();
  else if (index % 4 === 2) connection.markGone();
  else connection.end('client-error');
}
for (let index = 0; index < 200; index += 1) session(index);
while (factory.stats().closing > 0) await new Promise((resolve) => setTimeout(resolve, 5));
for (let round = 0; round < 10; round += 1) {
  await new Promise((resolve) => setImmediate(resolve));
  globalThis.gc();
}
await new Promise((resolve) => setImmediate(resolve));
const alive = references.filter((reference) => reference.deref() !== undefined).length;
console.log(factory.stats().released.total, references.length, alive > 0 ? 'kept' : 'forgotten', bus.listenerCount('message'));
`;

test('[R15] what has ended is kept in memory by nobody, also when a finalizer or work in flight hangs', async () => {
  const nodeOptions = ['--expose-gc'];
  expect((await runModule(FORGOTTEN, { nodeOptions })).stdout).toBe('200 600 forgotten 0\n');
  // The twin that keeps its managers is seen.
  expect((await runModule(FORGOTTEN, { nodeOptions, env: { LEAK: '1' } })).stdout).toBe('200 600 kept 0\n');
});

test('[T8] a factory with sessions, timers and a sweep does not keep its process alive', async () => {
  const code = `
import { createManagerFactory } from '@watertight/server';
const factory = createManagerFactory();
factory.start();
const admission = factory.tryAdmit({ user: 'ada' }, { connection: factory.connect({ ping() {}, close() {}, destroy() {} }) });
admission.manager.every(10_000, () => undefined);
admission.manager.after(10_000, () => undefined);
factory.tryAdmit({ user: 'ada' });
console.log(factory.stats().active);
`;
  const beganAtMs = performance.now();
  expect(await runModule(code)).toMatchObject({ exitCode: 0, stdout: '2\n' });
  expect(performance.now() - beganAtMs).toBeLessThan(5000);
});

test('[R5] in a process of its own the report names file and line of the registration', async () => {
  const code = `
import { writeFileSync, mkdtempSync, rmSync } from 'node:fs';
import { createManagerFactory } from '@watertight/server';
const factory = createManagerFactory({ sweepIntervalMs: false, cleanupDeadlineMs: 50, onError() {} });
const { manager } = factory.tryAdmit({ user: 'ada' }, { withoutConnection: true });
const folder = mkdtempSync('test-site-');
writeFileSync(folder + '/session.mjs', 'export function open(manager) {\\n\\n  manager.defer(() => new Promise(() => {}), { name: "room" });\\n  manager.child().defer(async function leave() { await new Promise(() => {}); });\\n}\\n');
try {
  (await import(process.cwd() + '/' + folder + '/session.mjs')).open(manager);
} finally {
  rmSync(folder, { recursive: true });
}
const keepAlive = setTimeout(() => {}, 5000);
const { overdue } = await manager.destroy();
clearTimeout(keepAlive);
console.log(JSON.stringify(overdue.map(({ name, registeredAt }) => name + ' ' + registeredAt.replace(/^.*\\//, ''))));
`;
  const { stdout, stderr } = await runModule(code);
  expect(stderr).toBe('');
  expect(JSON.parse(stdout)).toEqual(['leave session.mjs:4', 'room session.mjs:3']);
});
