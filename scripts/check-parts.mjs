// @ts-check
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, isMain } from './root.mjs';

/** What `npm run check` consists of, at least. A part that is taken out of package.json is missed here. */
export const PARTS = [
  'check:types',
  'check:lint',
  'check:format',
  'check:unused',
  'check:package:client',
  'check:package:dashboard',
  'check:package:server',
  'check:package:watertight',
  'check:directions',
  'check:spec',
  'check:api',
  'check:lock',
  'check:parts',
];

/**
 * The commands of all parts, in the order in which they are listed in package.json.
 *
 * @param {string} root
 * @returns {Map<string, string>}
 */
export function partsOf(root) {
  /** @type {{ scripts?: Record<string, string> }} */
  const { scripts = {} } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  return new Map(Object.entries(scripts).filter(([name]) => name.startsWith('check:')));
}

/**
 * @param {string} root
 * @returns {string[]}
 */
export function checkParts(root) {
  const parts = partsOf(root);
  const problems = PARTS.filter((name) => !parts.has(name)).map((name) => `package.json: ${name} is missing`);
  for (const [name, command] of parts) {
    if (!PARTS.includes(name)) problems.push(`scripts/check-parts.mjs: ${name} is not in PARTS`);
    for (const step of command.split('&&').map((one) => one.trim())) problems.push(...checkStep(root, name, step));
  }
  const commands = [...parts.values()].join('\n');
  for (const file of readdirSync(join(root, 'scripts'))) {
    if (/^check-.*\.mjs$/.test(file) && !commands.includes(`scripts/${file}`)) {
      problems.push(`scripts/${file} is no part of npm run check`);
    }
  }
  return problems;
}

/** @param {string} root @param {string} name @param {string} step */
function checkStep(root, name, step) {
  const [program = '', first = ''] = step.split(/\s+/);
  if (program === 'node') return existsSync(join(root, first)) ? [] : [`${name}: ${first} does not exist`];
  return existsSync(join(root, 'node_modules', '.bin', program))
    ? []
    : [`${name}: ${program || 'nothing'} is not installed`];
}

if (isMain(import.meta.url)) {
  const problems = checkParts(ROOT);
  for (const problem of problems) process.stdout.write(`${problem}\n`);
  process.exitCode = problems.length === 0 ? 0 : 1;
}
