import type { LifeDrive } from '../../drive/recipes/types.ts';
import type { PlaceResolver } from '../../evidence/places.ts';
import { groupCauses, type Cause, type CauseFacts } from '../../verdict/causes.ts';
import type { Finding } from '../../verdict/finding.ts';
import type { Suspect } from '../../verdict/suspects.ts';
import type { ScenarioContext } from '../types.ts';
import type { Cycled } from './cycling.ts';
import type { EndingsSeen } from './endings.ts';
import { FindingMaker } from './finding-maker.ts';
import { isArrayBuffers, memoryOfKeptBuffers, type MemoryGrowth } from './memory-check.ts';
import { ownerRank } from './owner-rank.ts';
import { endingsOf } from './suspect-endings.ts';
import { tellingRank } from './left-counts.ts';
import { joinTrace, type Joined } from './trace-join.ts';
import type { SiteFacts } from './traced-site.ts';
import { traceGrowth, type Trace } from './tracing.ts';

/** Like what a connection carries along. */
const OF_NODE_RANK = 2;

/** Whoever weighs so much of the memory of kept buffers has them. */
const MOST_OF_MEMORY_SHARE = 0.75;

interface About {
  readonly endings: EndingsSeen | undefined;
  readonly places: PlaceResolver;
  /** What stays of buffers, as memory of objects that are counted. */
  readonly memory: MemoryGrowth | undefined;
}

/** Makes a finding of every cause of what grew, and hands it to the tracker. The trace says what the causes are, where one was made. */
export async function tellFindings(
  context: ScenarioContext,
  lives: LifeDrive,
  cycled: Cycled,
  endings: EndingsSeen | undefined,
  places: PlaceResolver,
): Promise<void> {
  const open = cycled.suspects.filter(({ growth }) => growth.is === 'leak');
  if (open.length === 0 || !context.effort.places) return;
  const trace = withoutReleased(await tryTrace(context, lives, cycled), cycled.suspects);
  // What is told of a target that has gone meanwhile is told without.
  const scripts = await cycled.examination.heap?.scripts().catch(() => undefined);
  if (scripts !== undefined) places.know(scripts.values());
  const maker = new FindingMaker({ cycled, each: lives.each, endings, places, trace });
  const memory = memoryOfKeptBuffers(cycled);
  for (const finding of await findingsOf(open, trace, maker, { endings, places, memory }))
    context.tracker.finding(finding);
}

/** A trace that fails takes nothing away from what is known without it. */
async function tryTrace(context: ScenarioContext, lives: LifeDrive, cycled: Cycled): Promise<Trace> {
  try {
    return await traceGrowth(context, lives, cycled);
  } catch (error) {
    context.signal.throwIfAborted();
    return { traced: [], selfBytes: [], windows: [], note: error instanceof Error ? error.message : String(error) };
  }
}

/** Heaps that were taken shortly after each other hold what is released late or bounded; those who watched longer know better. */
function withoutReleased(trace: Trace, suspects: readonly Suspect[]): Trace {
  const counted = suspects.flatMap((it) => (it.from === 'count' && it.series.kind === 'objects' ? [it] : []));
  const isOver = (className: string): boolean => {
    const named = counted.filter(({ series }) => series.name === className);
    return named.length > 0 && named.every(({ growth }) => growth.is === 'late' || growth.is === 'bounded');
  };
  const kept = trace.traced.flatMap((one, index) => (isOver(one.className) ? [] : [index]));
  return {
    ...trace,
    traced: kept.flatMap((index) => trace.traced[index] ?? []),
    selfBytes: kept.map((index) => trace.selfBytes[index] ?? 0),
  };
}

async function findingsOf(
  open: readonly Suspect[],
  trace: Trace,
  maker: FindingMaker,
  { endings, places, memory }: About,
): Promise<readonly Finding[]> {
  const ofNode = await maker.classesOfNode(
    open.filter((it) => it.from === 'count' && tellingRank(it.series.name) === 0),
  );
  const facts: CauseFacts & SiteFacts = {
    // A vanish tells little apart: the whole connection stays until it is noticed, with all that hangs on it.
    endingsOf: (suspect) => (endingsOf(suspect, endings)?.leaking ?? []).filter((ending) => ending !== 'vanish'),
    tellingRank: (name) => (ofNode.has(name) ? OF_NODE_RANK : tellingRank(name)),
    ownerRank,
    places,
  };
  const { joined, rest } = joinTrace(open, trace, facts);
  const causes = groupCauses(rest, facts);
  const names = fingerprintsOf(joined, groupCauses(open, facts), maker);
  const traced = await Promise.all(joined.map(async (one) => await maker.ofTrace(one, names.get(one))));
  const counted = await Promise.all(causes.map(async (cause) => await maker.ofCause(cause)));
  // A trace weighs what hangs on a cause, buffers included; without one only the cause that they were counted for is known.
  const bytes = memory?.bytesPerCycle ?? Infinity;
  const heavy = traced.findIndex(({ bytesPerCycle }) => (bytesPerCycle ?? 0) >= MOST_OF_MEMORY_SHARE * bytes);
  const counting = causes.findIndex(({ lead, others }) => [lead, ...others].some(isArrayBuffers));
  const holder = heavy === -1 && counting !== -1 ? traced.length + counting : heavy;
  return [...traced, ...counted].map((finding, index) =>
    memory === undefined || index !== holder ? finding : withMemory(finding, memory),
  );
}

function withMemory(finding: Finding, { series, bytesPerCycle }: MemoryGrowth): Finding {
  const carried = { name: `bytes of ${series.name}`, perCycle: bytesPerCycle };
  return { ...finding, carriedAlong: [carried, ...finding.carriedAlong] };
}

/**
 * A trace changes nothing about what a leak is called: a traced cause has the name that it would have without one. Only what
 * the counts do not know, and a second path into what they take for one cause, is named by its path.
 */
function fingerprintsOf(
  joined: readonly Joined[],
  causes: readonly Cause[],
  maker: FindingMaker,
): ReadonlyMap<Joined, string> {
  const names = new Map<Joined, string>();
  const free = new Set(causes);
  const isOf = ({ count, holding, site }: Joined, suspect: Suspect): boolean =>
    suspect === (count ?? holding) || (suspect.from === 'site' && suspect.site.site.key === site?.key);
  const claim = (fits: (one: Joined, cause: Cause) => boolean): void => {
    for (const one of joined.filter((candidate) => !names.has(candidate))) {
      const cause = [...free].find((candidate) => fits(one, candidate));
      if (cause === undefined) continue;
      free.delete(cause);
      names.set(one, maker.fingerprintOf(cause));
    }
  };
  claim((one, { lead }) => isOf(one, lead));
  claim((one, { others }) => others.some((other) => isOf(one, other)));
  return names;
}
