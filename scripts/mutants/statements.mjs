// @ts-check
import { parse } from 'acorn';
import { full } from 'acorn-walk';

/**
 * @typedef {object} Mutant one statement deleted from one compiled file
 * @property {string} id stable as long as the statement and what stands before it in its function stay: `registry.js#remove:2`
 * @property {string} file
 * @property {number} line in the compiled file
 * @property {string} text the statement, on one line
 * @property {number} effect offset of what has to be executed for the statement to matter: of an `if`, its body
 * @property {(source: string) => string} apply
 */

/** Statements whose absence changes what the program does; declarations are left alone because deleting them only breaks the program. */
const DELETABLE = new Set([
  'ExpressionStatement',
  'IfStatement',
  'ReturnStatement',
  'ThrowStatement',
  'ForStatement',
  'ForOfStatement',
  'WhileStatement',
  'BreakStatement',
  'ContinueStatement',
]);

/**
 * Every deletable statement in every function of a compiled file.
 * @param {string} file
 * @param {string} source
 * @returns {Mutant[]}
 */
export function mutantsOf(file, source) {
  const program = parse(source, { ecmaVersion: 2024, sourceType: 'module', locations: true });
  /** @type {Map<string, { start: number, end: number, line: number, effect: number, owner: string }>} */
  const found = new Map();
  const onlyConsequents = onlyConsequentsOf(program);
  const fallThroughs = fallThroughsOf(program);
  for (const { name, body } of functionsOf(program)) {
    // Without its assignments an object only breaks at the next use: easy kills that would flatter the figure.
    if (name === 'constructor') continue;
    full(body, (node) => {
      if (!DELETABLE.has(node.type) || isSuperCall(node) || onlyTells(node)) return;
      if (onlyConsequents.has(node.start) || fallThroughs.has(node.start)) return;
      const key = `${node.start}-${node.end}`;
      // An inner function is walked from its outer one too: the innermost name is the one that helps.
      const known = found.get(key);
      if (known === undefined || body.start > Number(known.owner.split('@')[1])) {
        found.set(key, {
          start: node.start,
          end: node.end,
          line: node.loc?.start.line ?? 0,
          effect: effectOf(node),
          owner: `${name}@${body.start}`,
        });
      }
    });
  }
  /** @type {Map<string, number>} */
  const counted = new Map();
  return [...found.values()]
    .sort((one, other) => one.start - other.start || one.end - other.end)
    .map(({ start, end, line, effect, owner }) => {
      const name = owner.split('@')[0] ?? '';
      const index = (counted.get(name) ?? 0) + 1;
      counted.set(name, index);
      return {
        id: `${file}#${name}:${index}`,
        file,
        line,
        effect,
        text: oneLine(source.slice(start, end)),
        apply: (/** @type {string} */ original) => `${original.slice(0, start)};${original.slice(end)}`,
      };
    });
}

/**
 * @param {import('acorn').Program} program
 * @returns {{ name: string, body: import('acorn').Node }[]}
 */
function functionsOf(program) {
  /** @type {{ name: string, body: import('acorn').Node }[]} */
  const functions = [];
  full(program, (node) => {
    const { type } = node;
    const part = /** @type {any} */ (node);
    // A getter only answers: it admits, releases and cleans up nothing.
    if (type === 'MethodDefinition' && part.kind !== 'get' && part.value.body)
      functions.push({ name: part.key.name ?? 'computed', body: part.value.body });
    if (type === 'FunctionDeclaration') functions.push({ name: part.id.name, body: part.body });
  });
  return functions;
}

/**
 * An `if` whose body never runs is the same as none at all, and no run can tell the two apart.
 * @param {import('acorn').Node} node
 */
function effectOf(node) {
  const { consequent, alternate } = /** @type {any} */ (node);
  if (node.type !== 'IfStatement' || alternate) return node.start;
  const [first] = consequent.type === 'BlockStatement' ? consequent.body : [consequent];
  return first?.start ?? node.start;
}

/**
 * Where the only statement of an `if` without `else` begins: deleting it is the same mutant as deleting the `if`.
 * @param {import('acorn').Program} program
 */
function onlyConsequentsOf(program) {
  /** @type {Set<number>} */
  const starts = new Set();
  full(program, (node) => {
    if (node.type !== 'IfStatement') return;
    const { consequent, alternate } = /** @type {any} */ (node);
    if (alternate) return;
    if (consequent.type !== 'BlockStatement') starts.add(consequent.start);
    else if (consequent.body.length === 1) starts.add(consequent.body[0].start);
  });
  return starts;
}

/**
 * Where a function ends with `return undefined`, which the compiler asks for: without it, it ends and answers the same.
 * @param {import('acorn').Program} program
 */
function fallThroughsOf(program) {
  /** @type {Set<number>} */
  const starts = new Set();
  for (const { body } of functionsOf(program)) {
    const last = /** @type {any} */ (body).body.at(-1);
    if (last?.type === 'ReturnStatement' && isNothing(last.argument)) starts.add(last.start);
  }
  return starts;
}

/**
 * A published event or a reported error tells somebody; it admits, releases and cleans up nothing.
 * @param {import('acorn').Node} node
 */
function onlyTells(node) {
  const { expression } = /** @type {any} */ (node);
  return (
    node.type === 'ExpressionStatement' && /^(?:publish|publishOf|reportError)$/.test(expression.callee?.name ?? '')
  );
}

/** @param {any} argument */
function isNothing(argument) {
  return argument === null || (argument.type === 'Identifier' && argument.name === 'undefined');
}

/** @param {import('acorn').Node} node */
function isSuperCall(node) {
  const expression = /** @type {any} */ (node).expression;
  return (
    node.type === 'ExpressionStatement' && expression.type === 'CallExpression' && expression.callee.type === 'Super'
  );
}

/** @param {string} text */
function oneLine(text) {
  const line = text.replaceAll(/\s+/g, ' ');
  return line.length > 110 ? `${line.slice(0, 107)}…` : line;
}
