// @ts-check
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { basename, join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { exclusively } from './exclusive.mjs';
import { buildFingerprint, installFingerprint, projectsOf, sourcesIn } from './fingerprint.mjs';
import { fitsLockFile } from './installed.mjs';
import { ROOT, isMain } from './root.mjs';

/** @typedef {(line: string) => void} Say */
/** @typedef {(childPid: number | undefined) => void} Adopt */

/** A step that did not work; the message is meant for a person and needs no stack. */
export class PrepareError extends Error {}

/**
 * Installs what `package-lock.json` says and builds what the sources say, each only if something changed since.
 *
 * @param {{ root?: string, say?: Say }} [options]
 */
export async function prepare(options = {}) {
  const { root = ROOT, say = (line) => process.stderr.write(`${line}\n`) } = options;
  requireNode(root, process.versions.node);
  if (isInstalled(root) && isBuilt(root) && unlinked(root).length === 0) return;
  const lockFile = join(root, '.watertight', 'prepare.lock');
  const onWait = () => say('Waiting for another run that installs or builds here …');
  await exclusively(
    lockFile,
    async (adopt) => {
      await install(root, say, adopt);
      await build(root, say, adopt);
      await link(root, adopt);
    },
    { onWait },
  );
}

/**
 * @param {string} root
 * @param {string} version without the leading `v`
 */
export function requireNode(root, version) {
  const { engines } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const [needMajor = 0, needMinor = 0] = String(engines.node).replace('>=', '').split('.').map(Number);
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > needMajor || (major === needMajor && minor >= needMinor)) return;
  throw new PrepareError(`This repository needs Node.js ${needMajor}.${needMinor} or newer; this is ${version}.`);
}

/** @param {string} root */
function isInstalled(root) {
  const stamp = installStamp(root);
  const fingerprint = installFingerprint(root);
  if (!existsSync(join(root, 'node_modules', '.package-lock.json'))) return false;
  if (readStamp(stamp) === fingerprint) return true;
  // Somebody used npm by hand, and rightly.
  if (!fitsLockFile(root)) return false;
  writeFileSync(stamp, fingerprint);
  return true;
}

/** @param {string} root */
function isBuilt(root) {
  const fingerprint = buildFingerprint(root);
  return projectsOf(root).every((project) => readStamp(buildStamp(project)) === fingerprint);
}

/** @param {string} root @param {Say} say @param {Adopt} adopt */
async function install(root, say, adopt) {
  if (isInstalled(root)) return;
  const startedAtMs = performance.now();
  say('Installing the dependencies of package-lock.json …');
  rmSync(installStamp(root), { force: true });
  // npm writes this list last: without it, an installation that was interrupted cannot pass for a complete one.
  rmSync(join(root, 'node_modules', '.package-lock.json'), { force: true });
  const { command, args } = npm();
  const flags = ['ci', '--include=dev', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const { exitCode, output } = await run(command, [...args, ...flags], root, adopt);
  if (exitCode !== 0) throw new PrepareError(`${output}\nnpm ci failed with exit code ${exitCode}.`);
  writeFileSync(installStamp(root), installFingerprint(root));
  say(`Installed in ${seconds(startedAtMs)}.`);
}

/** @param {string} root @param {Say} say @param {Adopt} adopt */
async function build(root, say, adopt) {
  if (isBuilt(root)) return;
  const startedAtMs = performance.now();
  const fingerprint = buildFingerprint(root);
  for (const project of projectsOf(root)) rmSync(buildStamp(project), { force: true });
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  // Without --force, TypeScript 7 repeats what it found before a setting such as `lib` changed.
  const { exitCode, output } = await run(
    process.execPath,
    [compiler, '-b', ...projectsOf(root), '--force'],
    root,
    adopt,
  );
  if (exitCode !== 0) throw new PrepareError(`${output}\nThe build failed: tsc -b ended with exit code ${exitCode}.`);
  for (const project of projectsOf(root)) removeOutputsWithoutSource(project);
  for (const builder of ['build-pages.mjs', 'build-programs.mjs']) await runBuilder(root, builder, adopt);
  for (const project of projectsOf(root)) {
    mkdirSync(join(project, 'dist'), { recursive: true });
    writeFileSync(buildStamp(project), fingerprint);
  }
  say(`Built in ${seconds(startedAtMs)}.`);
}

/**
 * npm links a command when its file is there, and in a fresh clone it is not before the build: `npx watertight` would not be found.
 *
 * @param {string} root @param {Adopt} adopt
 */
async function link(root, adopt) {
  const names = unlinked(root);
  if (names.length === 0) return;
  const { command, args } = npm();
  const flags = ['rebuild', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const { exitCode, output } = await run(command, [...args, ...flags, ...names], root, adopt);
  if (exitCode !== 0) throw new PrepareError(`${output}\nnpm rebuild failed with exit code ${exitCode}.`);
}

/**
 * The packages with a command that is not there.
 *
 * @param {string} root
 * @returns {string[]}
 */
function unlinked(root) {
  return projectsOf(root)
    .map((project) => JSON.parse(readFileSync(join(project, 'package.json'), 'utf8')))
    .filter(({ bin = {} }) => Object.keys(bin).some((name) => !existsSync(join(root, 'node_modules', '.bin', name))))
    .map(({ name }) => name);
}

/**
 * The pages of packages/ui, bundled into the packages that show them; the programs of packages/watertight.
 *
 * @param {string} root @param {string} name @param {Adopt} adopt
 */
async function runBuilder(root, name, adopt) {
  const builder = join(root, 'scripts', name);
  if (!existsSync(builder)) return;
  const { exitCode, output } = await run(process.execPath, [builder], root, adopt);
  if (exitCode !== 0) throw new PrepareError(`${output}\n${name} failed with exit code ${exitCode}.`);
}

/**
 * tsc leaves the output of a source that was renamed or removed; it would be published.
 *
 * @param {string} project
 */
export function removeOutputsWithoutSource(project) {
  const dist = join(project, 'dist');
  for (const output of sourcesIn(dist)) {
    const [, stem] = /^(.*?)(?:\.d\.ts|\.js)(?:\.map)?$/.exec(relative(dist, output)) ?? [];
    if (stem !== undefined && !existsSync(join(project, 'src', `${stem}.ts`))) rmSync(output, { force: true });
  }
}

/** @param {string} root */
const installStamp = (root) => join(root, 'node_modules', '.installed-from');

/** @param {string} project */
const buildStamp = (project) => join(project, 'dist', '.built-from');

/** @param {string} file */
const readStamp = (file) => (existsSync(file) ? readFileSync(file, 'utf8') : undefined);

/** @param {number} startedAtMs */
const seconds = (startedAtMs) => `${((performance.now() - startedAtMs) / 1_000).toFixed(1)} s`;

/** The npm that runs us, else the one on the path. */
function npm() {
  const running = process.env['npm_execpath'];
  if (running !== undefined && basename(running) === 'npm-cli.js')
    return { command: process.execPath, args: [running] };
  return process.platform === 'win32' ? { command: 'cmd', args: ['/c', 'npm'] } : { command: 'npm', args: [] };
}

/**
 * @param {string} command @param {string[]} args @param {string} cwd @param {Adopt} adopt
 * @returns {Promise<{ exitCode: number, output: string }>}
 */
function run(command, args, cwd, adopt) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    adopt(child.pid);
    let output = '';
    child.stdout.on('data', (/** @type {Buffer} */ chunk) => (output += chunk.toString()));
    child.stderr.on('data', (/** @type {Buffer} */ chunk) => (output += chunk.toString()));
    // Ours and the child's end belong together: whoever comes next must find nobody writing.
    const pass = (/** @type {NodeJS.Signals} */ signal) => child.kill(signal);
    const stop = () => {
      process.off('SIGINT', pass);
      process.off('SIGTERM', pass);
    };
    process.on('SIGINT', pass);
    process.on('SIGTERM', pass);
    child.once('error', (error) => {
      stop();
      reject(new PrepareError(`${command} could not be started: ${error.message}`));
    });
    child.once('close', (code, signal) => {
      stop();
      resolve({ exitCode: code ?? 128 + (signal === null ? 0 : constants.signals[signal]), output });
    });
  });
}

/**
 * Prepares, then becomes the given program: exit code, output and Ctrl-C are its own.
 *
 * @param {string} program path below the root
 * @param {string[]} args
 */
export async function prepareAndBecome(program, args) {
  try {
    process.chdir(ROOT);
    await prepare();
  } catch (error) {
    if (!(error instanceof PrepareError)) throw error;
    process.stderr.write(`${error.message.trim()}\n`);
    process.exitCode = 1;
    return;
  }
  const path = join(ROOT, program);
  process.argv = [process.execPath, path, ...args];
  await import(pathToFileURL(path).href);
}

if (isMain(import.meta.url)) {
  await prepare().catch((error) => {
    process.stderr.write(`${error instanceof PrepareError ? error.message.trim() : error.stack}\n`);
    process.exitCode = 1;
  });
}
