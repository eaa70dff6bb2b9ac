import type { HeapGraph } from './heap-graph.ts';

/** Nodes whose name is their content, or says nothing: all of one type are one class. */
const CLASS_OF_TYPE: Readonly<Record<string, string>> = {
  string: '(string)',
  'concatenated string': '(string)',
  'sliced string': '(string)',
  number: '(number)',
  'heap number': '(number)',
  bigint: '(bigint)',
  symbol: '(symbol)',
  regexp: 'RegExp',
  code: '(compiled code)',
  'object shape': '(object shape)',
};

/** A program makes it, whatever the engine calls it. */
const PROXY_OF_ENGINE = 'system / JSProxy';

/** What the node is an instance of, the way a person would say it: `Session`, `onClose()`, `(string)`. */
export function classOf(graph: HeapGraph, node: number): string {
  const type = graph.typeName(node);
  if (isTextOfNumber(graph, node)) return '(number)';
  const fixed = CLASS_OF_TYPE[type];
  if (fixed !== undefined) return fixed;
  const name = graph.name(node);
  if (type === 'closure') return name === '' ? '(anonymous function)' : `${name}()`;
  if (type === 'array') return name === '' ? '(array)' : name;
  if (name === PROXY_OF_ENGINE) return 'Proxy';
  return name === '' ? `(${type})` : name;
}

/** With numeric values V8 writes each number down as text as well, which takes no memory: no string is there. */
export function isTextOfNumber(graph: HeapGraph, node: number): boolean {
  return graph.selfSize(node) === 0 && graph.typeName(node) === 'string';
}

/** Whether all nodes of this type are one class, so that their names need not be read. */
export function classOfType(type: string): string | undefined {
  return CLASS_OF_TYPE[type];
}

/** What V8 and Node keep for themselves. It is carried along by leaks and never the answer to "what leaks". */
export function isInternalClass(className: string): boolean {
  return (
    className.startsWith('system / ') ||
    className === '(array)' ||
    className === '(hidden)' ||
    className === '(number)' ||
    className === '(symbol)' ||
    className === '(object properties)' ||
    className === '(object elements)' ||
    className === '(compiled code)' ||
    className === '(object shape)'
  );
}
