import { setFlagsFromString } from 'node:v8';

import { explainGrowth, youngestId } from '../trace/finding.ts';
import { PathGrowth } from '../trace/growth.ts';
import type { HeapGraph } from '../trace/heap-graph.ts';
import { nodesOfClass, summarize } from '../trace/heap-summary.ts';
import { retainedBytes } from '../trace/retained.ts';
import { independentRetainers } from '../trace/retainers.ts';
import { retainingPath } from '../trace/retaining-path.ts';
import { classOf } from '../trace/node-class.ts';
import { SnapshotError } from '../trace/snapshot-error.ts';
import { readSnapshotFiles } from '../trace/snapshot-series.ts';
import { SourcePlaces } from '../trace/source-places.ts';
import type { TraceRequest } from './trace-command.ts';
import type { Subject, TraceResult } from './trace-result.ts';
import { renderTrace } from './trace-text.ts';
import { UsageError, usageErrorOf } from './usage-error.ts';
import { prepareFile, writeWhole } from './whole-file.ts';

const EXIT_NOTHING_GREW = 0;
const EXIT_GROWTH = 1;

/**
 * Functions stay apart: what is done in a second does not earn back what compiling each loop with all that it calls costs. Four tenths of
 * the processor time went there.
 */
const COMPILE_LESS = '--max-inlined-bytecode-size=60';

/** Runs the command. Answers the exit code: 1 when something grew. @throws {@link UsageError} for files that cannot be used. */
export async function trace(request: TraceRequest): Promise<number> {
  const { jsonFile } = request;
  if (jsonFile !== undefined) await prepareFile('--json', jsonFile);
  const result = await examine(request);
  process.stdout.write(renderTrace(result));
  if (jsonFile !== undefined) await writeJson(jsonFile, result);
  return result.growing !== undefined && result.growing.length > 0 ? EXIT_GROWTH : EXIT_NOTHING_GREW;
}

async function examine({ files, cycles, className, nodeId }: TraceRequest): Promise<TraceResult> {
  const heaps: TraceResult['heaps'][number][] = [];
  const notes: string[] = [];
  const growth = new PathGrowth();
  let last: HeapGraph | undefined;
  let bornAfterId: number | undefined;
  let youngestBefore = 0;
  const heapsOfFiles = readSnapshotFiles(files, () => setFlagsFromString(COMPILE_LESS));
  try {
    for (const file of files) {
      // The one before is let go first.
      last = undefined;
      last = await readNext(heapsOfFiles, file);
      heaps.push({ file, nodeCount: last.nodeCount, edgeCount: last.edgeCount });
      const youngest = youngestId(last);
      if (youngest < youngestBefore) notes.push(outOfOrder(file, heaps.at(-2)?.file));
      youngestBefore = youngest;
      bornAfterId ??= youngest;
      if (files.length > 1) growth.add(last);
    }
  } finally {
    await heapsOfFiles.return();
  }
  if (!last) throw new UsageError('trace needs a heap snapshot: watertight trace <file.heapsnapshot>');
  const places = new SourcePlaces(last);
  const subject = subjectOf(last, places, className, nodeId);
  const options = { places, ...(bornAfterId === undefined ? {} : { bornAfterId }) };
  return {
    heaps,
    notes,
    cycles,
    growing: files.length > 1 ? explainGrowth(last, growth.growing(cycles), options) : undefined,
    summary: files.length === 1 && !subject ? summarize(last) : undefined,
    subject,
  };
}

/** No proof: who looks through an inspector anew for each snapshot has ids that begin anew as well. */
function outOfOrder(file: string, before: string | undefined): string {
  return `${file} seems to be older than ${before ?? 'the one before'}, or of another process, as its youngest object has a lower id: growth shows only in snapshots of one process in the order of time`;
}

async function readNext(heaps: AsyncGenerator<HeapGraph, void>, file: string): Promise<HeapGraph> {
  try {
    const { value } = await heaps.next();
    if (value === undefined) throw new Error(`${file} was not read`);
    return value;
  } catch (error) {
    if (error instanceof SnapshotError) throw new UsageError(`${file}: ${error.message}`);
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT') throw new UsageError(`${file}: no such file`);
    if (code === 'EISDIR') throw new UsageError(`${file} is a folder; expected a heap snapshot`);
    if (typeof code === 'string') throw new UsageError(`${file} cannot be read: ${code}`);
    throw error;
  }
}

function subjectOf(
  graph: HeapGraph,
  places: SourcePlaces,
  className: string | undefined,
  nodeId: number | undefined,
): Subject | undefined {
  if (className === undefined && nodeId === undefined) return undefined;
  const nodes = nodeId === undefined ? nodesOfClass(graph, className ?? '') : [graph.nodeWithId(nodeId)];
  const node = nodes.reduce((youngest, one) => (graph.id(one) > graph.id(youngest) ? one : youngest), nodes[0] ?? -1);
  if (node === -1) {
    const wanted = nodeId === undefined ? `of class ${JSON.stringify(className)}` : `with id @${nodeId}`;
    throw new UsageError(`the snapshot has no object ${wanted}`);
  }
  return {
    className: classOf(graph, node),
    id: graph.id(node),
    count: nodes.length,
    selfBytes: nodes.reduce((total, one) => total + graph.selfSize(one), 0),
    retainedBytes: retainedBytes(graph, nodes),
    path: retainingPath(graph, node, { places }),
    retainers: independentRetainers(graph, node, { places }),
  };
}

async function writeJson(file: string, result: TraceResult): Promise<void> {
  try {
    await writeWhole(file, `${JSON.stringify(result, undefined, 2)}\n`);
  } catch (error) {
    throw usageErrorOf(error, `--json: ${file} cannot be written: `);
  }
}
