/** V8's time per node, and what its own tables take meanwhile: within a factor of two at 0.2 to 5.7 million nodes on an idle machine. */
const STOP_SECONDS_PER_NODE = 3.3e-6;
const TARGET_BYTES_PER_NODE = 400;
const FILE_BYTES_PER_NODE = 68;
/** Our columns for a node and its 2.8 edges, its share of the strings, and the shortest paths. */
const READER_BYTES_PER_NODE = 60;
/** Contexts, arrays, shapes and code are nodes too: 2.7 to 3.1 for each object that a program would count. */
const NODES_PER_OBJECT = 3;
/** Small objects, the bad case. */
const HEAP_BYTES_PER_NODE = 33;

export interface SnapshotCost {
  readonly nodeCount: number;
  /** How long the target answers nobody. */
  readonly stopSeconds: number;
  /** What the target's memory grows by while V8 writes, and mostly keeps afterwards. */
  readonly targetBytes: number;
  readonly fileBytes: number;
  /** What reading it takes here. */
  readonly readerBytes: number;
}

/**
 * What one heap snapshot will cost the target, from the number of its objects (as `Runtime.queryObjects` counts them) or, less
 * well, from its used heap. Within a factor of two on a machine that is not busy.
 *
 * @throws RangeError when the number given is negative or not finite.
 */
export function estimateSnapshotCost(
  size: { readonly objectCount: number } | { readonly heapUsedBytes: number },
): SnapshotCost {
  const given = 'objectCount' in size ? size.objectCount : size.heapUsedBytes;
  if (!Number.isFinite(given) || given < 0) throw new RangeError(`a heap cannot have ${given} objects or bytes`);
  const nodeCount = Math.round('objectCount' in size ? given * NODES_PER_OBJECT : given / HEAP_BYTES_PER_NODE);
  return {
    nodeCount,
    stopSeconds: nodeCount * STOP_SECONDS_PER_NODE,
    targetBytes: nodeCount * TARGET_BYTES_PER_NODE,
    fileBytes: nodeCount * FILE_BYTES_PER_NODE,
    readerBytes: nodeCount * READER_BYTES_PER_NODE,
  };
}
