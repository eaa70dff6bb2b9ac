import { SnapshotError } from './snapshot-error.ts';

/** Where the fields of a node, an edge and a location stand in this snapshot. V8 adds and drops fields between versions. */
export interface SnapshotLayout {
  readonly nodeCount: number;
  readonly edgeCount: number;
  readonly nodeFieldCount: number;
  readonly node: Readonly<Record<'type' | 'name' | 'id' | 'self_size' | 'edge_count', number>>;
  readonly nodeTypes: readonly string[];
  readonly edgeFieldCount: number;
  readonly edge: Readonly<Record<'type' | 'name_or_index' | 'to_node', number>>;
  readonly edgeTypes: readonly string[];
  readonly locationFieldCount: number;
  /** `undefined` when the snapshot has no locations. */
  readonly location: Readonly<Record<'object_index' | 'script_id' | 'line' | 'column', number>> | undefined;
}

/** Edges keep their type in three bits beside their name. */
const MAX_EDGE_TYPES = 8;
const MAX_NODE_TYPES = 256;
/** Above it a reference to a node, which V8 counts in fields, no longer fits 32 bits anywhere. */
const MAX_COUNT = 2 ** 32 - 2;

/**
 * Reads the header of a snapshot.
 *
 * @throws {@link SnapshotError} when it describes no heap, naming what is missing.
 */
export function readLayout(text: string, byteOffset: number): SnapshotLayout {
  const fail = (what: string): SnapshotError => new SnapshotError(`not a heap snapshot: ${what}`, byteOffset);
  let header: unknown;
  try {
    header = JSON.parse(text);
  } catch {
    throw fail('"snapshot" is not JSON');
  }
  const meta = member(header, 'meta');
  const nodeFields = textList(member(meta, 'node_fields'));
  const edgeFields = textList(member(meta, 'edge_fields'));
  if (!nodeFields || !edgeFields) throw fail('"snapshot.meta" names no fields of nodes and edges');
  const nodeTypes = textList(firstOf(member(meta, 'node_types')));
  const edgeTypes = textList(firstOf(member(meta, 'edge_types')));
  if (!nodeTypes || nodeTypes.length > MAX_NODE_TYPES)
    throw fail(`it names no types of nodes, or over ${MAX_NODE_TYPES}`);
  if (!edgeTypes || edgeTypes.length > MAX_EDGE_TYPES)
    throw fail(`it names no types of edges, or over ${MAX_EDGE_TYPES}`);
  const places = <const Field extends string>(
    kind: string,
    fields: readonly string[],
    wanted: readonly Field[],
  ): Record<Field, number> => {
    const missing = wanted.find((field) => !fields.includes(field));
    if (missing !== undefined) throw fail(`${kind} have no field "${missing}"`);
    return Object.fromEntries(wanted.map((field) => [field, fields.indexOf(field)])) as Record<Field, number>;
  };
  const count = (name: string): number => {
    const value = member(header, name);
    if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= MAX_COUNT) return value;
    throw fail(`"snapshot.${name}" is ${JSON.stringify(value)}, not a whole number from 0 to ${MAX_COUNT}`);
  };
  const locationFields = textList(member(meta, 'location_fields'));
  return {
    nodeCount: count('node_count'),
    edgeCount: count('edge_count'),
    nodeFieldCount: nodeFields.length,
    node: places('nodes', nodeFields, ['type', 'name', 'id', 'self_size', 'edge_count']),
    nodeTypes,
    edgeFieldCount: edgeFields.length,
    edge: places('edges', edgeFields, ['type', 'name_or_index', 'to_node']),
    edgeTypes,
    locationFieldCount: locationFields?.length ?? 0,
    location: locationFields
      ? places('locations', locationFields, ['object_index', 'script_id', 'line', 'column'])
      : undefined,
  };
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

function firstOf(value: unknown): unknown {
  return Array.isArray(value) ? (value as unknown[])[0] : undefined;
}

function textList(value: unknown): string[] | undefined {
  return Array.isArray(value) && value.every((one) => typeof one === 'string') ? value : undefined;
}
