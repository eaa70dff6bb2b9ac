// @ts-check
// Writes a heap snapshot as V8 writes them, of a server with so many records and so many leaked sessions, without having such a heap.
import { closeSync, openSync, writeSync } from 'node:fs';

const META = {
  node_fields: ['type', 'name', 'id', 'self_size', 'edge_count', 'trace_node_id', 'detachedness'],
  node_types: [
    ['hidden', 'array', 'string', 'object', 'code', 'closure', 'regexp', 'number', 'native', 'synthetic'],
    'string',
    'number',
    'number',
    'number',
    'number',
    'number',
  ],
  edge_fields: ['type', 'name_or_index', 'to_node'],
  edge_types: [
    ['context', 'element', 'property', 'internal', 'hidden', 'shortcut', 'weak'],
    'string_or_number',
    'node',
  ],
  trace_function_info_fields: ['function_id', 'name', 'script_name', 'script_id', 'line', 'column'],
  trace_node_fields: ['id', 'function_info_index', 'count', 'size', 'children'],
  sample_fields: ['timestamp_us', 'last_assigned_id'],
  location_fields: ['object_index', 'script_id', 'line', 'column'],
};
const FIELD_COUNT = META.node_fields.length;
const STRING = 2;
const OBJECT = 3;
const SYNTHETIC = 9;
const ELEMENT = 1;
const PROPERTY = 2;
const FLUSH_CHARACTERS = 1 << 20;

class Writer {
  #text = '';
  #file;

  /** @param {string} path */
  constructor(path) {
    this.#file = openSync(path, 'w');
  }

  /** @param {string} text */
  add(text) {
    this.#text += text;
    if (this.#text.length > FLUSH_CHARACTERS) this.#flush();
  }

  end() {
    this.#flush();
    closeSync(this.#file);
  }

  #flush() {
    writeSync(this.#file, this.#text);
    this.#text = '';
  }
}

/**
 * Root → Registry → records, each with a string of its own; root → Sessions → leaked sessions.
 *
 * @param {string} path @param {{ records: number, sessions: number }} counts
 * @returns {number} nodes
 */
export function writeHugeSnapshot(path, { records, sessions }) {
  const names = ['<dummy>', '', 'Registry', 'Sessions', 'Record', 'LeakedSession', 'text', 'registry', 'sessions'];
  const nodeCount = 3 + 2 * records + sessions;
  const edgeCount = 2 + 2 * records + sessions;
  const out = new Writer(path);
  const head = { meta: META, node_count: nodeCount, edge_count: edgeCount, trace_function_count: 0 };
  out.add(`{"snapshot":${JSON.stringify(head)},\n"nodes":[`);
  let id = 1;
  /** @param {number} type @param {number} name @param {number} size @param {number} edges */
  const node = (type, name, size, edges) => {
    out.add(`${id === 1 ? '' : ','}${type},${name},${id},${size},${edges},0,0\n`);
    id += 2;
  };
  node(SYNTHETIC, 1, 0, 2);
  node(OBJECT, 2, 64, records);
  node(OBJECT, 3, 64, sessions);
  for (let record = 0; record < records; record += 1) {
    node(OBJECT, 4, 32, 1);
    node(STRING, names.length + record, 40, 0);
  }
  for (let session = 0; session < sessions; session += 1) node(OBJECT, 5, 48, 0);
  out.add('],\n"edges":[');
  out.add(`${PROPERTY},7,${FIELD_COUNT}\n,${PROPERTY},8,${2 * FIELD_COUNT}\n`);
  for (let record = 0; record < records; record += 1)
    out.add(`,${ELEMENT},${record},${(3 + 2 * record) * FIELD_COUNT}\n`);
  for (let session = 0; session < sessions; session += 1)
    out.add(`,${ELEMENT},${session},${(3 + 2 * records + session) * FIELD_COUNT}\n`);
  for (let record = 0; record < records; record += 1) out.add(`,${PROPERTY},6,${(4 + 2 * record) * FIELD_COUNT}\n`);
  out.add('],\n"trace_function_infos":[],\n"trace_tree":[],\n"samples":[],\n"locations":[],\n"strings":[');
  out.add(names.map((name) => JSON.stringify(name)).join(',\n'));
  for (let record = 0; record < records; record += 1)
    out.add(
      `,\n"${String(record).padStart(9, '0')} a record that somebody keeps, as long as such things are on most servers"`,
    );
  out.add(']}');
  out.end();
  return nodeCount;
}
