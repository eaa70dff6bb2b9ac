// @ts-check
import { existsSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { builtinModules } from 'node:module';
import { sourcesIn } from './fingerprint.mjs';
import { importsOf } from './imports.mjs';
import { ROOT, isMain } from './root.mjs';

/** @typedef {import('./imports.mjs').Import} Import */
/** @typedef {{ file: string, room: string, target: string, targetRoom: string | undefined } & Import} Edge
 *   `target` is the path inside the package for own files, else the specifier. */

/** Rooms of `watertight` that know nothing of what is above them. */
const BELOW = new Set(['drive', 'target', 'inspector', 'evidence', 'trace']);
/** What adapters of the server adapt. */
const TRANSPORTS = [
  'ws',
  'fastify',
  '@fastify/websocket',
  'socket.io',
  'graphql-ws',
  'crossws',
  '@hocuspocus/server',
  '@nestjs/common',
];
const ABOVE = new Set(['scenarios', 'cli', 'report', 'kit']);

/** What pages render with, whose types they render, and the one room outside that they share: texts, which know no file and no process. */
const PAGE_PARTS = ['preact', 'uplot'];
const PAGE_TYPES = ['watertight', '@watertight/dashboard'];
const SHARED_WITH_PAGES = 'watertight/src/report/';

/** From a page directly in `src`, or in a folder of it. @param {string} specifier */
const isSharedWithPages = (specifier) =>
  specifier.replace(/^(?:\.\.\/)+/, '').startsWith(SHARED_WITH_PAGES) && specifier.startsWith('../../');

/**
 * The rules of ARCHITECTURE.md, "Who may import whom". Each answers a sentence when an import breaks it.
 *
 * @type {Record<'client' | 'dashboard' | 'server' | 'ui' | 'watertight', ((edge: Edge) => string | undefined)[]>}
 */
const RULES = {
  client: [
    ({ specifier, targetRoom }) =>
      specifier === undefined || targetRoom === undefined
        ? 'the client has no dependencies: only its own files'
        : undefined,
  ],
  dashboard: [
    ({ target, targetRoom }) =>
      targetRoom !== undefined || isBuiltin(target) || isPackage(target, '@watertight/server')
        ? undefined
        : 'the dashboard imports its own files, node: modules and @watertight/server',
  ],
  server: [
    ({ specifier }) => (specifier === undefined ? 'an import whose target is computed cannot be judged' : undefined),
    ({ targetRoom, room }) =>
      targetRoom === 'adapters' && room !== 'adapters' ? 'the core knows no adapter' : undefined,
    ({ targetRoom, room }) =>
      targetRoom === 'telemetry' && room !== 'telemetry' ? 'the core knows no telemetry' : undefined,
    ({ targetRoom, room }) =>
      targetRoom === 'redis' && room !== 'redis' ? 'the core knows no Redis: it knows a store of leases' : undefined,
    ({ target }) => (isPackage(target, 'watertight') ? '@watertight/server never imports watertight' : undefined),
    ({ target }) => (isPackage(target, '@watertight/dashboard') ? 'the server knows no dashboard' : undefined),
    ({ target, targetRoom, room, isType }) => {
      if (targetRoom !== undefined || isBuiltin(target) || isPackage(target, 'watertight')) return undefined;
      if (room === 'adapters' && isType && TRANSPORTS.some((transport) => isPackage(target, transport)))
        return undefined;
      return room === 'adapters'
        ? 'an adapter imports the core, node: modules and types of the transport it adapts'
        : 'the core has no dependencies: only its own files and node: modules';
    },
  ],
  ui: [
    ({ specifier = '', targetRoom, isType }) => {
      if (targetRoom !== undefined && targetRoom !== 'outside') return undefined;
      if (isSharedWithPages(specifier)) return undefined;
      if (PAGE_PARTS.some((name) => isPackage(specifier, name))) return undefined;
      return isType && PAGE_TYPES.some((name) => isPackage(specifier, name))
        ? undefined
        : `pages import their own files, preact, uplot, types of watertight and of the dashboard, and texts of ${SHARED_WITH_PAGES}`;
    },
  ],
  watertight: [
    ({ target, isType }) =>
      isPackage(target, '@watertight/server') && !isType
        ? '@watertight/server lends its types only: import type'
        : undefined,
    ({ room, targetRoom }) =>
      BELOW.has(room) && targetRoom !== undefined && ABOVE.has(targetRoom)
        ? `${room} is below ${targetRoom} and does not know it`
        : undefined,
    ({ room, targetRoom, isType }) => {
      if (room !== 'report' || targetRoom === undefined || targetRoom === 'report') return undefined;
      return targetRoom === 'verdict' && isType
        ? undefined
        : 'report renders: of ours it imports types of verdict only';
    },
    ({ room, target, targetRoom, isType }) =>
      room === 'verdict' && targetRoom !== 'verdict' && !isType && target !== ''
        ? 'verdict concludes from plain data: from elsewhere it imports types only'
        : undefined,
  ],
};

/**
 * @param {string} root
 * @returns {string[]} one line for every import that breaks a rule, and for every circle
 */
export function checkDirections(root) {
  const problems = [];
  for (const name of /** @type {const} */ (['client', 'dashboard', 'server', 'ui', 'watertight'])) {
    const source = join(root, 'packages', name, 'src');
    const edges = edgesOf(source);
    if (edges.length === 0) problems.push(`packages/${name}/src: no imports found; is this the right folder?`);
    for (const edge of edges) {
      const reasons = RULES[name].map((rule) => rule(edge)).filter((reason) => reason !== undefined);
      const where = `packages/${name}/src/${edge.file}:${edge.line}`;
      if (edge.targetRoom === 'outside' && !(name === 'ui' && isSharedWithPages(edge.specifier ?? '')))
        problems.push(`${where} imports '${edge.specifier}': files outside src are not ours`);
      else if (edge.target === 'missing') problems.push(`${where} imports '${edge.specifier}', which does not exist`);
      else problems.push(...reasons.map((reason) => `${where} imports '${edge.specifier ?? '(computed)'}': ${reason}`));
    }
    problems.push(...circles(edges).map((circle) => `packages/${name}/src: circle of imports ${circle.join(' → ')}`));
  }
  return problems;
}

/** @param {string} source @returns {Edge[]} */
function edgesOf(source) {
  return sourcesIn(source)
    .filter((path) => /\.tsx?$/.test(path))
    .flatMap((path) => importsOf(path).map((found) => ({ ...found, ...placed(source, path, found.specifier) })));
}

/** @param {string} source @param {string} path @param {string | undefined} specifier */
function placed(source, path, specifier = '') {
  const own = { file: inside(source, path), room: roomOf(inside(source, path)) };
  if (!specifier.startsWith('.')) return { ...own, target: specifier, targetRoom: undefined };
  const target = resolve(dirname(path), specifier);
  if (relative(source, target).startsWith('..')) return { ...own, target: specifier, targetRoom: 'outside' };
  if (!existsSync(target)) return { ...own, target: 'missing', targetRoom: roomOf(inside(source, target)) };
  return { ...own, target: inside(source, target), targetRoom: roomOf(inside(source, target)) };
}

/** @param {string} source @param {string} path */
const inside = (source, path) => relative(source, path).split(sep).join('/');

/** The first folder; files directly in `src` have the room `''`. @param {string} file */
const roomOf = (file) => (file.includes('/') ? file.slice(0, file.indexOf('/')) : '');

/** @param {string} specifier @param {string} name */
const isPackage = (specifier, name) => specifier === name || specifier.startsWith(`${name}/`);

/** @param {string} specifier */
const isBuiltin = (specifier) =>
  specifier.startsWith('node:') && builtinModules.includes(specifier.split('/')[0]?.slice(5) ?? '');

/**
 * Circles among the files of one package. Types count too: they are gone when modules are loaded, but who reads one file
 * of a circle has to read them all.
 *
 * @param {Edge[]} edges
 * @returns {string[][]} each begins and ends with the same file
 */
function circles(edges) {
  /** @type {Map<string, Set<string>>} */
  const graph = new Map();
  for (const { file, target, targetRoom } of edges) {
    if (targetRoom === undefined) continue;
    graph.set(file, (graph.get(file) ?? new Set()).add(target));
  }
  /** @type {string[][]} */
  const found = [];
  /** @type {Map<string, 'open' | 'done'>} */
  const state = new Map();
  /** @param {string} file @param {string[]} path */
  const visit = (file, path) => {
    if (state.get(file) === 'done') return;
    if (state.get(file) === 'open') {
      found.push([...path.slice(path.indexOf(file)), file]);
      return;
    }
    state.set(file, 'open');
    for (const next of graph.get(file) ?? []) visit(next, [...path, file]);
    state.set(file, 'done');
  };
  for (const file of graph.keys()) visit(file, []);
  return found;
}

if (isMain(import.meta.url)) {
  const problems = checkDirections(ROOT);
  for (const problem of problems) process.stdout.write(`${problem}\n`);
  process.exitCode = problems.length === 0 ? 0 : 1;
}
