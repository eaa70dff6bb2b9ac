import type { LifeDrive } from '../../drive/recipes/types.ts';
import type { PlaceResolver } from '../../evidence/places.ts';
import { readExcerpt } from '../../evidence/excerpts.ts';
import { isOfNode } from '../../evidence/owner.ts';
import { sitesOf, type Site } from '../../evidence/series.ts';
import type { SurvivorSite } from '../../inspector/heap-types.ts';
import type { Finding as Traced } from '../../trace/finding.ts';
import type { PathStep, RetainingPath, VariableScope } from '../../trace/retaining-path.ts';
import type { SourcePlace } from '../../trace/source-places.ts';
import { isExplained, rateOf, type Cause } from '../../verdict/causes.ts';
import { windowsOf } from '../../verdict/counts-over-time.ts';
import type { AllocationPath, Finding, Growth, Place, RetainingStep, SourceExcerpt } from '../../verdict/finding.ts';
import { leftPerCycle } from '../../verdict/site-sizes.ts';
import { judgeWindows } from '../../verdict/trend.ts';
import { fingerprintOf } from './cause-fingerprint.ts';
import { convictedAfter, keyOfSuspect } from './convicted-after.ts';
import { countedOf, type Suspect } from '../../verdict/suspects.ts';
import type { Cycled } from './cycling.ts';
import type { EndingsSeen } from './endings.ts';
import { sayFinding, sayPath, sayTitle } from './finding-sentence.ts';
import { nameOfSuspect } from './growth-text.ts';
import { endingsOf } from './suspect-endings.ts';
import { tableSiteOf } from './table-site.ts';
import { isOneEach } from './holding-count.ts';
import type { Joined } from './trace-join.ts';
import type { Trace } from './tracing.ts';
import { writtenFrames } from './written-frames.ts';

/** So many things that hang on a cause are listed. */
const CARRIED_COUNT = 12;

/** So many stacks are listed. */
const MAX_PATH_COUNT = 20;

type Draft = Omit<Finding, 'title' | 'keptBy' | 'sentence' | 'fingerprint' | 'excerpt'>;

/** Puts everything that is known about a cause into one finding. */
export class FindingMaker {
  readonly #cycled: Cycled;
  readonly #endings: EndingsSeen | undefined;
  readonly #places: PlaceResolver;
  readonly #trace: Pick<Trace, 'windows' | 'note'>;
  readonly #each: LifeDrive['each'];
  readonly #convictedAfter: ReadonlyMap<string, number>;

  constructor(about: {
    readonly cycled: Cycled;
    readonly each: LifeDrive['each'];
    readonly endings: EndingsSeen | undefined;
    readonly places: PlaceResolver;
    readonly trace: Pick<Trace, 'windows' | 'note'>;
  }) {
    this.#cycled = about.cycled;
    this.#endings = about.endings;
    this.#places = about.places;
    this.#trace = about.trace;
    this.#each = about.each;
    this.#convictedAfter = convictedAfter(about.cycled.examination.looks, about.cycled.askedFor);
  }

  async ofCause(cause: Cause): Promise<Finding> {
    const { lead, site, others } = cause;
    const isTabled = lead.from === 'count' && !isExplained(cause);
    const maker =
      (isTabled ? tableSiteOf(this.#cycled.examination.looks, lead.series) : undefined) ?? site ?? lineOf(lead);
    const all = [lead, ...others];
    const bytes = all.reduce((sum, it) => sum + (it.from === 'site' ? it.bytesPerCycle : 0), 0);
    const carried = others.filter((other) => other.from === 'count' && rateOf(other) > 0);
    const draft: Draft = {
      kind: lead.from === 'count' ? lead.series.kind : 'objects',
      name: nameOfSuspect(lead),
      growth: lead.growth,
      bytesPerCycle: bytes === 0 ? null : Math.round(bytes),
      ...this.#allocation(maker),
      definedAt: await this.#definedAt(lead),
      allocations: this.#allocations(all.flatMap((it) => (it.from === 'site' ? [it.site] : []))),
      retainedBy: null,
      independentRetainers: null,
      traceNote: this.#trace.note,
      endings: endingsOf(lead, this.#endings) ?? null,
      carriedAlong: carried
        .slice(0, CARRIED_COUNT)
        .map((other) => ({ name: nameOfSuspect(other), perCycle: rounded(rateOf(other)) })),
      windows: this.#windows(lead),
      convictedAfterCycles: this.#convictedAfter.get(keyOfSuspect(lead)) ?? null,
      allowed: null,
      known: null,
    };
    return this.#finish({ ...draft, ...this.#openOn(lead) }, this.fingerprintOf({ lead, site }));
  }

  /** A descriptor has no line of the source: the file says whose it is. */
  #openOn(lead: Suspect): Pick<Finding, 'openOn'> {
    if (lead.from !== 'count' || lead.series.kind !== 'descriptors' || lead.series.name !== 'file') return {};
    const openOn = this.#cycled.examination.openedFiles();
    return openOn.length === 0 ? {} : { openOn };
  }

  /** What a cause is called in every run, traced or not. */
  fingerprintOf({ lead, site }: Pick<Cause, 'lead' | 'site'>): string {
    const kind = lead.from === 'count' ? lead.series.kind : 'objects';
    const name = lineOf(lead) === undefined ? nameOfSuspect(lead) : 'object';
    return fingerprintOf({ kind, name, ...this.#allocation(site ?? lineOf(lead)) });
  }

  /** `fingerprint` of the cause it would be without a trace, where it would be one. */
  async ofTrace(
    { traced, name, isItself, site, count, holding, alongside }: Joined,
    fingerprint = traced.fingerprint,
  ): Promise<Finding> {
    const lead = count ?? holding ?? this.#suspectOf(site);
    const { growth, windows } = this.#growthOf(traced, lead);
    const { path } = traced;
    const carried = [
      ...alongside.map((other) => ({ name: nameOfSuspect(other), perCycle: rounded(rateOf(other)) })),
      ...traced.carriesAlong.map(({ className, perCycle }) => ({ name: className, perCycle: rounded(perCycle) })),
    ];
    const itself = { name: traced.className, perCycle: rounded(traced.perCycle) };
    const draft: Draft = {
      kind: count?.series.kind ?? 'objects',
      name,
      growth,
      bytesPerCycle: Math.round(traced.bytesPerCycle),
      ...this.#allocation(site),
      definedAt: isItself ? this.#placeOf(traced) : await this.#definedAt(lead),
      allocations: this.#allocations(sitesOf(this.#cycled.examination.looks).filter((it) => it.site.key === site?.key)),
      retainedBy: path === undefined ? null : this.#steps(path),
      // A root is let go of by whoever closes it, whatever else leads to it.
      independentRetainers: path?.steps.length === 0 ? 1 : traced.retainers.count,
      traceNote: null,
      endings: (lead === undefined ? undefined : endingsOf(lead, this.#endings)) ?? null,
      carriedAlong: (isItself ? carried : [itself, ...carried.filter((it) => it.name !== name)]).slice(
        0,
        CARRIED_COUNT,
      ),
      windows,
      convictedAfterCycles: lead === undefined ? null : (this.#convictedAfter.get(keyOfSuspect(lead)) ?? null),
      allowed: null,
      known: null,
    };
    return this.#finish(draft, fingerprint);
  }

  #suspectOf(site: SurvivorSite | undefined): Suspect | undefined {
    return this.#cycled.suspects.find((suspect) => suspect.from === 'site' && suspect.site.site.key === site?.key);
  }

  #allocation(site: SurvivorSite | undefined): Pick<Finding, 'allocatedAt' | 'allocationStack'> {
    const stack = (site?.stack ?? []).map((position) => this.#places.resolve(position));
    // What Node does inside is nobody's mistake: the first frame outside it is where somebody asked for it.
    const first = stack.findIndex(({ owner }) => owner.is !== 'node');
    const allocationStack = first === -1 ? [] : writtenFrames(stack.slice(first));
    return { allocatedAt: allocationStack[0] ?? null, allocationStack };
  }

  /** Classes that Node's own code defines, such as its listeners: the server did not give them their names, whatever these are. */
  async classesOfNode(suspects: readonly Suspect[]): Promise<ReadonlySet<string>> {
    const heap = this.#cycled.examination.heap;
    const isOfNodeByName = new Map<string, boolean>();
    for (const suspect of suspects) {
      if (suspect.from !== 'count' || suspect.series.about.classId === undefined) continue;
      const { name, about } = suspect.series;
      const found = about.classId === undefined ? undefined : await heap?.positionOf(about.classId);
      const isNodes = found !== undefined && isOfNode(found.url);
      isOfNodeByName.set(name, isNodes && (isOfNodeByName.get(name) ?? true));
    }
    return new Set([...isOfNodeByName].flatMap(([name, isNodes]) => (isNodes ? [name] : [])));
  }

  #allocations(sites: readonly Site[]): readonly AllocationPath[] {
    const paths = sites.map((site) => {
      const { objects, bytes } = leftPerCycle(site);
      return {
        stack: this.#allocation(site.site).allocationStack,
        objectsPerCycle: rounded(objects),
        bytesPerCycle: rounded(bytes),
      };
    });
    return paths
      .filter(({ stack, bytesPerCycle }) => stack.length > 0 && bytesPerCycle > 0)
      .toSorted((one, other) => other.bytesPerCycle - one.bytesPerCycle)
      .slice(0, MAX_PATH_COUNT);
  }

  async #definedAt(lead: Suspect | undefined): Promise<Place | null> {
    if (lead?.from !== 'count' || lineOf(lead) !== undefined) return null;
    const { classId, position } = lead.series.about;
    const found = classId === undefined ? position : await this.#cycled.examination.heap?.positionOf(classId);
    return found === undefined || isOfNode(found.url) ? null : this.#places.resolve(found);
  }

  /** Of what has no place of its own only the application's code that hangs on it says something. */
  #placeOf({ className, place, placeOf }: Traced): Place | null {
    if (place === undefined) return null;
    const where = this.#place(placeOf, place);
    return placeOf === className || where.owner.is === 'application' ? where : null;
  }

  /** A stack counts all that its function leaves, of which what was traced may be a part: then the trace alone knows how much that is. */
  #growthOf(traced: Traced, lead: Suspect | undefined): Pick<Finding, 'growth' | 'windows'> {
    if (lead !== undefined && (lead.from === 'count' || isOneEach(lead, traced.perCycle)))
      return { growth: lead.growth, windows: this.#windows(lead) };
    const windows = this.#trace.windows.map((cycles, index) => ({
      cycles,
      grew: (traced.counts[index + 1] ?? 0) - (traced.counts[index] ?? 0),
    }));
    const judged = judgeWindows(windows);
    return { growth: judged?.is === 'leak' ? judged : growthOf(traced), windows };
  }

  #windows(lead: Suspect): Finding['windows'] {
    if (lead.from === 'site') return lead.site.windows.map(({ cycles, objects }) => ({ cycles, grew: objects }));
    return windowsOf(countedOf(this.#cycled.examination.looks, lead.series)).windows;
  }

  #steps({ root, steps }: RetainingPath): readonly RetainingStep[] {
    const from: RetainingStep = { edge: '', edgeKind: 'root', name: root, scope: null, place: null };
    return [from, ...steps.map((step) => this.#step(step))];
  }

  #step(step: PathStep): RetainingStep {
    const place = step.kind === 'variable' ? step.scope?.place : step.place;
    return {
      edge: step.name,
      edgeKind: edgeKindOf(step),
      name: step.className,
      scope: step.scope === undefined ? null : sayScope(step.scope),
      place: place === undefined ? null : this.#place(step.scope?.name ?? step.className, place),
    };
  }

  #finish(draft: Draft, fingerprint: string): Finding {
    const keptBy = draft.retainedBy === null ? null : sayPath(draft.retainedBy);
    const known = { ...draft, keptBy, title: sayTitle(draft, this.#each), excerpt: this.#excerpt(draft) };
    return { ...known, fingerprint, sentence: sayFinding(known) };
  }

  /** Of the application where it had a part in it, else of whoever had. */
  #excerpt({ allocationStack, definedAt }: Draft): SourceExcerpt | null {
    const places = [...allocationStack, ...(definedAt === null ? [] : [definedAt])];
    const own = places.find(({ owner }) => owner.is === 'application') ?? places[0];
    return own === undefined ? null : readExcerpt(own, this.#places.folder);
  }

  #place(name: string, { url, line, column }: SourcePlace): Place {
    return this.#places.inFile(name, url, line, column);
  }
}

/** What is counted by line knows where it was allocated, and nothing more. */
function lineOf(lead: Suspect): SurvivorSite | undefined {
  if (lead.from !== 'count' || lead.series.kind !== 'objects') return undefined;
  const { position } = lead.series.about;
  return position === undefined ? undefined : { key: lead.series.key, stack: [position], windows: [], sizes: [] };
}

/** Whoever looks for a variable of Node's own in the server finds nothing. */
function sayScope({ name, ofNode }: VariableScope): string {
  return ofNode === undefined ? name : `${name} of ${ofNode}`;
}

function edgeKindOf({ kind, name }: PathStep): RetainingStep['edgeKind'] {
  switch (kind) {
    case 'variable':
    case 'property':
      return kind;
    case 'element':
      return 'element';
    case 'weak map entry':
      return 'entry';
    case 'internal':
    case 'shortcut':
    case 'weak':
      return name === '' ? 'internal' : 'property';
  }
}

/** At a rate of which no range is known. */
export function growthOf({ perCycle, exact }: Pick<Traced, 'perCycle' | 'exact'>): Growth {
  return { is: 'leak', perCycle, exact, low: perCycle, high: perCycle };
}

function rounded(rate: number): number {
  return Math.round(rate * 100) / 100;
}
