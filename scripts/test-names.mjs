// @ts-check
import { readFileSync } from 'node:fs';
import { Visitor, parseSync } from 'oxc-parser';

/**
 * @typedef {object} TestName
 * @property {string | undefined} text as far as it is written down; `undefined` when it is computed
 * @property {number} line
 * @property {boolean} runs false for `skip` and `todo`
 */

/**
 * The names of all tests in a file: `it('…')`, `test('…')`, and their forms such as `it.each(table)('…')`.
 *
 * @param {string} file
 * @returns {TestName[]}
 */
export function testNamesIn(file) {
  const text = readFileSync(file, 'utf8');
  const { program, errors } = parseSync(file, text);
  if (errors[0] !== undefined) throw new Error(`${file} cannot be parsed: ${errors[0].message}`);
  /** @type {TestName[]} */
  const names = [];
  new Visitor({
    CallExpression: (node) => {
      const forms = formsOf(node.callee);
      const [name] = node.arguments;
      if (forms === undefined || isTable(node.callee, forms)) return;
      const line = text.slice(0, node.start).split('\n').length;
      names.push({ text: literal(name), line, runs: !forms.includes('skip') && !forms.includes('todo') });
    },
  }).visit(program);
  return names;
}

/**
 * `it.concurrent.each(table)` has the forms `concurrent`, `each`; what is not a test has none.
 *
 * @param {import('oxc-parser').Expression | import('oxc-parser').Super} callee
 * @returns {string[] | undefined}
 */
function formsOf(callee) {
  if (callee.type === 'Identifier') return callee.name === 'it' || callee.name === 'test' ? [] : undefined;
  if (callee.type === 'CallExpression') return formsOf(callee.callee);
  if (callee.type === 'TaggedTemplateExpression') return formsOf(callee.tag);
  if (callee.type !== 'MemberExpression' || callee.property.type !== 'Identifier') return undefined;
  const before = formsOf(callee.object);
  return before === undefined ? undefined : [...before, callee.property.name];
}

/**
 * The inner call of `it.each(table)(name, …)`, `it.skipIf(condition)(name, …)`: it takes no name.
 *
 * @param {import('oxc-parser').Expression | import('oxc-parser').Super} callee
 * @param {string[]} forms
 */
function isTable(callee, forms) {
  return callee.type === 'MemberExpression' && /^(?:each|for|skipIf|runIf|extend)$/.test(forms.at(-1) ?? '');
}

/** @param {import('oxc-parser').Argument | undefined} node */
function literal(node) {
  if (node?.type === 'Literal' && typeof node.value === 'string') return node.value;
  return node?.type === 'TemplateLiteral' ? node.quasis.map((quasi) => quasi.value.cooked).join('…') : undefined;
}
