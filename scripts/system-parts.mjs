// @ts-check
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { exclusively } from './exclusive.mjs';
import { ROOT, isMain } from './root.mjs';

/**
 * Programs that tests drive and npm does not have. `take`: `install` puts Debian's package in place, for which one has to be root;
 * `unpack` only takes the program out of it, into `.watertight/parts`, which anybody may and starts no service. Of a part with a
 * `library` that folder of the package is taken, and `program` is what has to be in it.
 *
 * What is `onlyForDeep` is large, and taken for a run of all tests alone.
 *
 * @typedef {{ package: string, program: string, take: 'install' | 'unpack', for: string, library?: string, onlyForDeep?: true }} Part
 * @type {Readonly<Record<string, Part>>}
 */
export const SYSTEM_PARTS = {
  redis: { package: 'redis-server', program: 'redis-server', take: 'install', for: 'the quota across nodes' },
  chromium: { package: 'chromium', program: 'chromium', take: 'install', for: 'the pages', onlyForDeep: true },
  promtool: { package: 'prometheus', program: 'promtool', take: 'unpack', for: 'the alert rules' },
  amtool: { package: 'prometheus-alertmanager', program: 'amtool', take: 'unpack', for: 'the routes of alerts' },
  python: { package: 'python3', program: 'python3', take: 'install', for: 'servers in Python' },
  websockets: {
    package: 'python3-websockets',
    program: 'websockets',
    take: 'unpack',
    library: 'usr/lib/python3/dist-packages',
    for: 'servers in Python',
  },
  tornado: {
    package: 'python3-tornado',
    program: 'tornado',
    take: 'unpack',
    library: 'usr/lib/python3/dist-packages',
    for: 'servers in Python',
  },
  perl: { package: 'perl', program: 'perl', take: 'install', for: 'servers in Perl' },
  mojolicious: {
    package: 'libmojolicious-perl',
    program: 'Mojolicious.pm',
    take: 'unpack',
    library: 'usr/share/perl5',
    for: 'servers in Perl',
  },
  go: { package: 'golang-go', program: 'go', take: 'install', for: 'servers in Go', onlyForDeep: true },
  gorilla: {
    package: 'golang-github-gorilla-websocket-dev',
    program: 'websocket',
    take: 'unpack',
    library: 'usr/share/gocode/src/github.com/gorilla',
    for: 'servers in Go',
    onlyForDeep: true,
  },
};

/** @typedef {{ folder: string, path: string, aptGet: string, root: string }} Places `folder`: what is unpacked; `path`: where programs are looked for first; `root`: under which libraries are */

/** @type {Places} */
const PLACES = {
  folder: join(ROOT, '.watertight', 'parts'),
  path: process.env['PATH'] ?? '',
  aptGet: '/usr/bin/apt-get',
  root: '/',
};

/**
 * The program of a part, or the folder of a library; `undefined` where it is not there.
 *
 * @param {string} name
 * @param {Places} [places]
 * @returns {string | undefined}
 */
export function systemPart(name, { path, folder, root } = PLACES) {
  const part = SYSTEM_PARTS[name];
  if (part === undefined) throw new Error(`${name} is none of the parts ${Object.keys(SYSTEM_PARTS).join(', ')}`);
  if (part.library !== undefined)
    return [join(root, part.library), join(folder, name)].find((one) => existsSync(join(one, part.program)));
  return [...path.split(delimiter), folder].map((one) => join(one, part.program)).find((file) => isExecutable(file));
}

/**
 * Takes what is missing from Debian's packages, where that can be done, and says what could not.
 *
 * @param {{ say?: (line: string) => void, places?: Places, withDeep?: boolean }} [options]
 */
export async function takeSystemParts({
  say = (line) => process.stderr.write(`${line}\n`),
  places = PLACES,
  withDeep = false,
} = {}) {
  if (missing(places, withDeep).length === 0) return;
  mkdirSync(places.folder, { recursive: true });
  await exclusively(
    join(places.folder, 'take.lock'),
    async () => {
      for (const [name, part] of missing(places, withDeep)) {
        say(`Taking ${part.program} from Debian's package ${part.package} …`);
        const problem = part.take === 'unpack' ? unpack(name, part, places) : install(part, places);
        if (systemPart(name, places) === undefined) say(notTaken(part, problem));
      }
    },
    { onWait: () => say('Waiting for another run that takes parts from Debian …') },
  );
}

/** @param {Places} places @param {boolean} withDeep @returns {[string, Part][]} */
const missing = (places, withDeep) =>
  Object.entries(SYSTEM_PARTS).filter(
    ([name, { onlyForDeep = false }]) => (withDeep || !onlyForDeep) && systemPart(name, places) === undefined,
  );

/** @param {Part} part @param {string} problem */
function notTaken(part, problem) {
  return [
    `NOT RUN: what needs ${part.program} (${part.for}); it is not on this machine${problem === '' ? '' : `: ${problem}`}.`,
    `         Install it, on Debian with: apt-get install ${part.package}`,
  ].join('\n');
}

/** @param {Part} part @param {Places} places @returns {string} why not; empty if it went well */
function install(part, places) {
  if (process.getuid?.() !== 0) return 'only root may install it';
  return apt(['install', '-y', '--no-install-recommends', part.package], places);
}

/** @param {string} name @param {Part} part @param {Places} places @returns {string} */
function unpack(name, part, places) {
  const download = mkdtempSync(join(places.folder, 'download-'));
  try {
    const problem = apt(['download', part.package], places, download);
    if (problem !== '') return problem;
    const archive = readdirSync(download).find((file) => file.endsWith('.deb')) ?? '';
    const failed = run('dpkg-deb', ['--extract', archive, 'content'], download);
    if (failed !== '') return failed;
    const content = join(download, 'content');
    if (part.library === undefined)
      renameSync(join(content, 'usr', 'bin', part.program), join(places.folder, part.program));
    else {
      dropDangling(join(content, part.library));
      rmSync(join(places.folder, name), { recursive: true, force: true });
      renameSync(join(content, part.library), join(places.folder, name));
    }
    return '';
  } finally {
    rmSync(download, { recursive: true, force: true });
  }
}

/**
 * Links into packages that are not taken lead nowhere.
 *
 * @param {string} folder
 */
function dropDangling(folder) {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isSymbolicLink() && !existsSync(path)) rmSync(path);
  }
}

/**
 * Lists of packages that are missing or too old are fetched once; only root may.
 *
 * @param {readonly string[]} args @param {Places} places @param {string} [cwd]
 */
function apt(args, { aptGet, folder }, cwd = folder) {
  if (!existsSync(aptGet)) return `there is no ${aptGet}`;
  const problem = run(aptGet, args, cwd);
  if (problem === '' || process.getuid?.() !== 0) return problem;
  return run(aptGet, ['update'], cwd) || run(aptGet, args, cwd);
}

/** @param {string} command @param {readonly string[]} args @param {string} cwd */
function run(command, args, cwd) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const { status, error, stderr } = spawnSync(command, args, { cwd, env, encoding: 'utf8', timeout: 300_000 });
  if (status === 0) return '';
  const [line = ''] = (error?.message ?? stderr ?? '').trim().split('\n').slice(-1);
  return `${command} ${args[0]} failed with ${status ?? 'no exit code'}: ${line}`;
}

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

if (isMain(import.meta.url)) await takeSystemParts({ withDeep: process.argv.includes('--all') });
