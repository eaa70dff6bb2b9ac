// @ts-check
import { readFileSync } from 'node:fs';
import { Visitor, parseSync } from 'oxc-parser';

/**
 * @typedef {object} Import
 * @property {string | undefined} specifier `undefined` when it is computed at run time
 * @property {boolean} isType nothing of it is left after compilation
 * @property {number} line
 */

/**
 * Everything a module asks of other modules: imports, re-exports, `import()`, `import('…').Type`, `require('…')`.
 *
 * @param {string} file
 * @returns {Import[]}
 */
export function importsOf(file) {
  const text = readFileSync(file, 'utf8');
  const { program, errors } = parseSync(file, text);
  if (errors[0] !== undefined) throw new Error(`${file} cannot be parsed: ${errors[0].message}`);
  /** @type {Import[]} */
  const found = [];
  /** @param {{ start: number }} node @param {unknown} source @param {boolean} isType */
  const add = (node, source, isType) => {
    const literal = /** @type {{ type?: string, value?: unknown } | null} */ (source);
    const specifier = literal?.type === 'Literal' ? String(literal.value) : undefined;
    found.push({ specifier, isType, line: text.slice(0, node.start).split('\n').length });
  };
  new Visitor({
    ImportDeclaration: (node) => add(node, node.source, isTypeOnly(node.importKind, node.specifiers, 'importKind')),
    ExportNamedDeclaration: (node) => {
      if (node.source !== null) add(node, node.source, isTypeOnly(node.exportKind, node.specifiers, 'exportKind'));
    },
    ExportAllDeclaration: (node) => add(node, node.source, node.exportKind === 'type'),
    ImportExpression: (node) => add(node, node.source, false),
    TSImportType: (node) => add(node, node.source, true),
    TSExternalModuleReference: (node) => add(node, node.expression, false),
    CallExpression: (node) => {
      if (node.callee.type === 'Identifier' && node.callee.name === 'require') add(node, node.arguments[0], false);
    },
  }).visit(program);
  return found;
}

/**
 * `import { type A, type B }` keeps the import of the module itself under `verbatimModuleSyntax`, but asks for nothing of
 * it; `import 'x'` asks for its effects.
 *
 * @param {string | undefined} kind
 * @param {readonly object[]} specifiers
 * @param {'importKind' | 'exportKind'} property
 */
function isTypeOnly(kind, specifiers, property) {
  if (kind === 'type') return true;
  return specifiers.length > 0 && specifiers.every((one) => Reflect.get(one, property) === 'type');
}
