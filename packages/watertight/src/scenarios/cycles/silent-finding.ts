import type { LifeDrive } from '../../drive/recipes/types.ts';
import type { Look } from '../../evidence/examination.ts';
import { PlaceResolver } from '../../evidence/places.ts';
import type { SurvivorSite } from '../../inspector/heap-types.ts';
import { EdgeReader } from '../../trace/edges.ts';
import { explainGrowth } from '../../trace/finding.ts';
import type { HeapGraph } from '../../trace/heap-graph.ts';
import { nodesOfClass } from '../../trace/heap-summary.ts';
import { retainedBytes } from '../../trace/retained.ts';
import { SourcePlaces } from '../../trace/source-places.ts';
import type { Finding } from '../../verdict/finding.ts';
import type { Suspect } from '../../verdict/suspects.ts';
import type { ScenarioContext } from '../types.ts';
import type { Cycled } from './cycling.ts';
import { FindingMaker, growthOf } from './finding-maker.ts';
import { sayFinding } from './finding-sentence.ts';
import { tellingRank, type Remainder } from './left-counts.ts';
import { ownerRank } from './owner-rank.ts';
import { joinTrace } from './trace-join.ts';
import { oneHeap, scriptsById } from './tracing.ts';

/** What hangs on a connection, or everything is made of, says nothing of who keeps it. */
const LEAST_TELLING_RANK = 1;

/** What stayed of the peers that fell silent, once more. */
export interface SilentLeak {
  readonly left: readonly Remainder[];
  readonly count: number;
  readonly before: Look;
  readonly look: Look;
}

/**
 * What stays of silent peers alone did not grow in the cycles, so that no trace was made of it. They are too few, and take too long, for
 * heaps with windows between them: one heap says who keeps what they left, and the stacks since they came say who made it.
 */
export async function tellSilentLeak(
  context: ScenarioContext,
  each: LifeDrive['each'],
  cycled: Cycled,
  leak: SilentLeak,
): Promise<void> {
  // Whose connection is there still has all that a connection has: only what the server called by a name says more.
  const rank = leak.left.some(({ kind }) => kind === 'sockets') ? 0 : LEAST_TELLING_RANK;
  const named = leak.left.filter(({ kind, name }) => kind === 'instances' && tellingRank(name) <= rank);
  const [lead] = named;
  const { heap } = cycled.examination;
  if (lead === undefined || heap === undefined || !context.effort.places) return;
  try {
    const classIds = (leak.look.heap?.classes ?? []).filter(({ name }) => name === lead.name).map(({ id }) => id);
    const graph = await oneHeap(context, cycled, classIds);
    if (graph === undefined) return;
    const finding = await findingOf(graph, { each, cycled, leak, lead, named });
    if (finding !== undefined) context.tracker.finding(finding);
  } catch (error) {
    context.signal.throwIfAborted();
    context.say(
      `what stays of silent peers is told without its line: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

async function findingOf(
  graph: HeapGraph,
  about: {
    readonly each: LifeDrive['each'];
    readonly cycled: Cycled;
    readonly leak: SilentLeak;
    readonly lead: Remainder;
    readonly named: readonly Remainder[];
  },
): Promise<Finding | undefined> {
  const { each, cycled, leak, lead, named } = about;
  const nodes = instancesOf(graph, lead.name);
  const exampleNode = nodes.at(-1);
  if (exampleNode === undefined) return undefined;
  const rate = ({ count }: Remainder): number => count / leak.count;
  const perCycle = rate(lead);
  const growing = {
    className: lead.name,
    signature: [],
    counts: [0, lead.count],
    perCycle,
    exact: Number.isInteger(perCycle),
    bytesPerCycle: (retainedBytes(graph, nodes) / nodes.length) * perCycle,
    carriesAlong: named.slice(1).map((other) => ({ className: other.name, perCycle: rate(other) })),
    exampleNode,
  };
  const scripts = (await cycled.examination.heap?.scripts()) ?? new Map<string, never>();
  const traced = explainGrowth(graph, [growing], { places: new SourcePlaces(graph, scriptsById(scripts)) });
  const places = new PlaceResolver(process.cwd());
  places.know(scripts.values());
  const trace = { traced, selfBytes: [graph.selfSize(exampleNode)], windows: [leak.count], note: null };
  const suspects = stacksSince(leak);
  const [joined] = joinTrace(suspects, trace, { tellingRank, ownerRank, places }).joined;
  if (joined === undefined) return undefined;
  const maker = new FindingMaker({ cycled: { ...cycled, suspects }, each, endings: undefined, places, trace });
  const finding = await maker.ofTrace(joined);
  // Of less than one of each nobody knows whether those stay who vanished or those who stalled.
  if (perCycle < 1) return finding;
  const told = { ...finding, endings: { leaking: ['vanish', 'stall'], clean: cycled.endings } };
  return { ...told, sentence: sayFinding(told) };
}

/** The prototype of a class has its name as well. */
function instancesOf(graph: HeapGraph, className: string): readonly number[] {
  const edges = new EdgeReader(graph);
  const isPrototype = (node: number): boolean => {
    for (let edge = graph.firstEdges[node] as number; edge < (graph.firstEdges[node + 1] as number); edge += 1)
      if (edges.kind(edge) === 'property' && edges.name(edge) === 'constructor') return true;
    return false;
  };
  return nodesOfClass(graph, className).filter((node) => !isPrototype(node));
}

/** Who made what is alive of those that came after the first look. */
function stacksSince({ before, look, count: cycles }: SilentLeak): readonly Suspect[] {
  const since = (before.heap?.index ?? 0) + 1;
  const sum = (counts: readonly number[]): number => counts.slice(since).reduce((total, one) => total + one, 0);
  return (look.heap?.survivors ?? []).flatMap((site: SurvivorSite): Suspect[] => {
    const objects = sum(site.windows.map((window) => window.objects));
    const bytes = sum(site.windows.map((window) => window.bytes));
    if (objects === 0) return [];
    const perCycle = objects / cycles;
    const growth = growthOf({ perCycle, exact: Number.isInteger(perCycle) });
    const bySize = site.sizes.map(({ windows }) => [sum(windows)]);
    return [
      {
        from: 'site',
        site: { site, windows: [{ cycles, objects, bytes }], bySize },
        growth,
        bytesPerCycle: bytes / cycles,
      },
    ];
  });
}
