// @ts-check
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

const PEERS = { memlab: '2.0.5', fuite: '5.0.9' };
const FOLDER = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'watertight', 'bench-detect');

/**
 * Installs the peers outside the workspace's own tree, without the browsers that they would download.
 *
 * @returns {string} the folder in which they are
 */
export function installPeers() {
  const stamp = join(FOLDER, 'node_modules', `.installed-${Object.values(PEERS).join('-')}`);
  if (existsSync(stamp)) return FOLDER;
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(join(FOLDER, 'package.json'), '{ "private": true }\n');
  const wanted = Object.entries(PEERS).map(([name, version]) => `${name}@${version}`);
  execFileSync('npm', ['install', '--save-exact', '--ignore-scripts', '--no-audit', '--no-fund', ...wanted], {
    cwd: FOLDER,
    env: { ...process.env, PUPPETEER_SKIP_DOWNLOAD: '1' },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  writeFileSync(stamp, '');
  return FOLDER;
}
