import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import type { LifeDrive } from '../../drive/recipes/types.ts';
import { containerMemoryLimitBytes } from '../../trace/container-memory.ts';
import { explainGrowth, youngestId, type Finding as Traced } from '../../trace/finding.ts';
import { PathGrowth } from '../../trace/growth.ts';
import type { HeapGraph } from '../../trace/heap-graph.ts';
import { estimateSnapshotCost } from '../../trace/snapshot-cost.ts';
import { SnapshotIntake } from '../../trace/snapshot-reader.ts';
import { SourcePlaces, type ScriptInfo } from '../../trace/source-places.ts';
import { isOpen } from '../../verdict/suspects.ts';
import type { ScenarioContext } from '../types.ts';
import type { Cycled } from './cycling.ts';
import { liveMore } from './more-lives.ts';
import { megabytes, stopMsOf, whyNoTrace } from './why-no-trace.ts';

/** Between three heaps lie two windows, prime both. */
const WINDOWS: readonly (readonly [number, number])[] = [
  [61, 97],
  [157, 211],
  [307, 401],
];
/** Two windows lie between three heaps. */
const HEAP_COUNT = 3;
/** So many cycles lie between the heaps at most. */
export const MOST_TRACED_CYCLES: number = Math.max(...WINDOWS.map(([first, second]) => first + second));
/** So many of what grows must be in a window before it can be told from noise. */
const EXPECTED_COUNT = 12;
const MAX_FINDINGS_COUNT = 6;

/** What a trace came to: what grows and who keeps it, or why there is none. */
export interface Trace {
  readonly traced: readonly Traced[];
  /** Bytes of one object of what is traced, in the order of `traced`. */
  readonly selfBytes: readonly number[];
  /** How many cycles lay between each heap and the next. */
  readonly windows: readonly number[];
  readonly note: string | null;
}

/** Three heap snapshots with windows of cycles between them: only after a hit, and within what it may cost. */
export async function traceGrowth(context: ScenarioContext, lives: LifeDrive, cycled: Cycled): Promise<Trace> {
  const { heap } = cycled.examination;
  const why = heap === undefined ? 'the process cannot be looked into' : whyNot(context, cycled, HEAP_COUNT);
  if (heap === undefined || why !== undefined) return { traced: [], selfBytes: [], windows: [], note: why ?? null };
  const windows = windowsFor(cycled);
  const growth = new PathGrowth();
  const classes = growingClasses(cycled);
  let graph: HeapGraph | undefined;
  let bornAfterId = 0;
  for (const [index, cycles] of [0, ...windows].entries()) {
    if (cycles > 0) await live(context, lives, cycled, cycles);
    graph = await readHeap(context, (onChunk) => heap.snapshot(onChunk, classes), index);
    growth.add(graph);
    if (index === 0) bornAfterId = youngestId(graph);
  }
  if (graph === undefined) return { traced: [], selfBytes: [], windows, note: null };
  const last = graph;
  const places = new SourcePlaces(last, scriptsById(await heap.scripts()));
  const traced = explainGrowth(last, growth.growing(windows), { places, bornAfterId, maxCount: MAX_FINDINGS_COUNT });
  const selfBytes = traced.map(({ exampleNode }) => last.selfSize(exampleNode));
  return { traced, selfBytes, windows, note: null };
}

/** One heap, where nothing speaks against it. */
export async function oneHeap(
  context: ScenarioContext,
  cycled: Cycled,
  classes: readonly number[],
): Promise<HeapGraph | undefined> {
  const { heap } = cycled.examination;
  if (heap === undefined || whyNot(context, cycled, 1) !== undefined) return undefined;
  return await readHeap(context, async (onChunk) => await heap.snapshot(onChunk, classes), 0);
}

function growingClasses({ suspects }: Cycled): readonly number[] {
  return suspects.flatMap((suspect) =>
    suspect.from === 'count' && suspect.growth.is === 'leak' ? (suspect.series.about.classId ?? []) : [],
  );
}

/** Says beforehand what it costs, where it is made. */
function whyNot({ bail, effort, target, say }: ScenarioContext, cycled: Cycled, heapCount: number): string | undefined {
  const { heap } = cycled.examination.lastWalk;
  const objectCount = (heap?.classes ?? []).reduce((sum, row) => sum + row.count, 0);
  const cost = estimateSnapshotCost({ objectCount });
  const why = whyNoTrace(effort, bail, {
    objectCount,
    cost,
    rssBytes: heap?.memory.rssBytes ?? 0,
    limitBytes: target.pid === undefined ? undefined : containerMemoryLimitBytes(target.pid),
    leftMs: cycled.deadlineAtMs - performance.now(),
  });
  if (why === undefined)
    say(
      `something stays: ${heapCount === 1 ? 'a heap snapshot says' : `${heapCount} heap snapshots say`} what keeps it; each stops the target for about ${stopMsOf(cost)} ms and takes it about ${megabytes(cost.targetBytes)} MB (--no-trace leaves them out)`,
    );
  return why;
}

/** Long enough that the rarest of what is suspected comes often enough. */
function windowsFor({ suspects }: Cycled): readonly [number, number] {
  const rates = suspects.filter(isOpen).flatMap(({ growth }) => (growth.is === 'leak' ? [growth.perCycle] : []));
  const wanted = EXPECTED_COUNT / Math.max(0.02, Math.min(1, ...rates.filter((rate) => rate > 0)));
  return WINDOWS.find(([first]) => first >= wanted) ?? WINDOWS.at(-1) ?? [61, 97];
}

async function live(context: ScenarioContext, lives: LifeDrive, cycled: Cycled, cycles: number): Promise<void> {
  const { patienceMs, examination } = cycled;
  await liveMore(context, lives, cycled, { cycles });
  const start = examination.lastWalk;
  await examination.lookBeside(cycles, start.server, patienceMs, { classes: false, collections: false });
}

/** Parsed while V8 still writes; kept as a file as well where artefacts are wanted. */
async function readHeap(
  { effort }: ScenarioContext,
  snapshot: (onChunk: (chunk: string) => void) => Promise<void>,
  index: number,
): Promise<HeapGraph> {
  const intake = new SnapshotIntake();
  const file =
    effort.artefactDir === undefined
      ? undefined
      : createWriteStream(join(effort.artefactDir, `heap-${index + 1}.heapsnapshot`));
  await snapshot((chunk) => {
    intake.push(chunk);
    file?.write(chunk);
  });
  if (file !== undefined) await new Promise((resolve) => file.end(resolve));
  return intake.end();
}

/** As a snapshot numbers them. */
export function scriptsById(
  scripts: ReadonlyMap<string, { readonly url: string; readonly sourceMapUrl: string }>,
): ReadonlyMap<number, ScriptInfo> {
  return new Map(
    [...scripts].map(([id, { url, sourceMapUrl }]) => [Number(id), { url, sourceMapUrl: sourceMapUrl || undefined }]),
  );
}
