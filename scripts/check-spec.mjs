// @ts-check
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { ROOT, isMain } from './root.mjs';
import { testNamesIn } from './test-names.mjs';

const ID = /^[A-Z]{1,2}\d+[a-z]?$/;
const RULE = /^- \*\*\[?([^\]*]+)\]?\*\*\s+\S/;
const SECTION = /^## ([A-Z]{1,2}) — /;
const PROVES = /^\[([^\]]+)\] \S/;

/**
 * Compares the rules of SPEC.md with the ids that the names of the tests begin with.
 *
 * @param {string} root
 * @returns {{ problems: string[], ruleCount: number, testCount: number }}
 */
export function checkSpec(root) {
  /** @type {string[]} */
  const problems = [];
  const rules = readRules(join(root, 'SPEC.md'), problems);
  /** @type {Set<string>} */
  const proved = new Set();
  let testCount = 0;
  for (const file of testFilesIn(root)) {
    for (const { text, line, runs } of testNamesIn(file)) {
      testCount += 1;
      const where = `${relative(root, file)}:${line}`;
      const [, list] = PROVES.exec(text ?? '') ?? [];
      if (list === undefined) {
        problems.push(`${where}: the name of a test begins with the rule it proves, such as '[M4] …'`);
        continue;
      }
      for (const id of list.split(',').map((one) => one.trim())) {
        if (!rules.has(id)) problems.push(`${where}: SPEC.md has no rule ${id}`);
        if (runs) proved.add(id);
      }
    }
  }
  for (const [id, line] of rules) {
    if (!proved.has(id)) problems.push(`SPEC.md:${line}: no test proves ${id} (skipped ones do not count)`);
  }
  if (rules.size === 0) problems.push('SPEC.md: no rules found');
  return { problems, ruleCount: rules.size, testCount };
}

/**
 * @param {string} file @param {string[]} problems
 * @returns {Map<string, number>} id to line
 */
function readRules(file, problems) {
  /** @type {Map<string, number>} */
  const rules = new Map();
  let section = '';
  for (const [index, text] of readFileSync(file, 'utf8').split('\n').entries()) {
    section = SECTION.exec(text)?.[1] ?? section;
    const [, id] = RULE.exec(text) ?? [];
    if (id === undefined) continue;
    const line = index + 1;
    if (!ID.test(id)) problems.push(`SPEC.md:${line}: '${id}' is not an id such as M4`);
    else if (rules.has(id)) problems.push(`SPEC.md:${line}: ${id} stands already in line ${rules.get(id)}`);
    else if (id.replace(/\d.*/, '') !== section) problems.push(`SPEC.md:${line}: ${id} stands in section ${section}`);
    if (!rules.has(id)) rules.set(id, line);
  }
  return rules;
}

/** @param {string} root */
function testFilesIn(root) {
  return ['packages', 'scripts', 'examples']
    .map((folder) => join(root, folder))
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => testFilesBelow(folder))
    .toSorted();
}

/** @param {string} folder @returns {string[]} */
function testFilesBelow(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === 'node_modules' || entry.name === 'dist' ? [] : testFilesBelow(path);
    return entry.name.endsWith('.test.ts') || entry.name.endsWith('.suite.ts') ? [path] : [];
  });
}

if (isMain(import.meta.url)) {
  const { problems, ruleCount, testCount } = checkSpec(ROOT);
  for (const problem of problems) process.stdout.write(`${problem}\n`);
  process.stdout.write(`${ruleCount} rules, ${testCount} tests\n`);
  process.exitCode = problems.length === 0 ? 0 : 1;
}
