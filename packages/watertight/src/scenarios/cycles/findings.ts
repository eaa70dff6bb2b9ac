import type { SurvivorSite } from '../../inspector/heap-types.ts';
import { countedOf, type Suspect } from '../../verdict/suspects.ts';
import { groupCauses, rateOf, type Cause, type CauseFacts } from '../../verdict/causes.ts';
import { windowsOf } from '../../verdict/counts-over-time.ts';
import type { Finding, Place } from '../../verdict/finding.ts';
import { fingerprintOf } from '../../verdict/fingerprint.ts';
import type { PlaceResolver } from '../../evidence/places.ts';
import { isOfNode, ownerOf } from '../../evidence/owner.ts';
import type { ScenarioContext } from '../types.ts';
import type { Cycled } from './cycling.ts';
import type { EndingsSeen } from './endings.ts';
import { countKindOf } from './kind-counts.ts';
import { tellingRank } from './left-counts.ts';
import { nameOfSuspect } from './growth-text.ts';
import { sayFinding, sayTitle } from './finding-sentence.ts';

/** So many things that hang on a cause are listed. */
const CARRIED_COUNT = 12;

/** Makes a finding of every cause of what grew, and hands it to the tracker. */
export async function tellFindings(
  context: ScenarioContext,
  cycled: Cycled,
  endings: EndingsSeen | undefined,
  places: PlaceResolver,
): Promise<void> {
  const open = cycled.suspects.filter(({ growth }) => growth.is === 'leak');
  const facts: CauseFacts = {
    // A vanish tells little apart: the whole connection stays until it is noticed, with all that hangs on it.
    endingsOf: (suspect) =>
      endingsOf(suspect, endings)
        ?.leaking.filter((ending) => ending !== 'vanish')
        .join(' ') ?? '',
    tellingRank,
    ownerRank,
  };
  for (const cause of groupCauses(open, facts))
    context.tracker.finding(await findingOf(cause, cycled, endings, places));
}

async function findingOf(
  cause: Cause,
  cycled: Cycled,
  endings: EndingsSeen | undefined,
  places: PlaceResolver,
): Promise<Finding> {
  const { lead, site, others } = cause;
  const stack = await Promise.all((site?.stack ?? []).map(async (position) => await places.resolve(position)));
  const allocationStack = outsideNode(stack);
  const finding: Omit<Finding, 'title' | 'sentence' | 'fingerprint'> = {
    kind: lead.from === 'count' ? lead.series.kind : 'objects',
    name: nameOfSuspect(lead),
    growth: lead.growth,
    bytesPerCycle: bytesOf(cause),
    allocatedAt: allocationStack[0] ?? null,
    allocationStack,
    definedAt: await definedAt(lead, cycled, places),
    retainedBy: null,
    independentRetainers: null,
    traceNote: null,
    endings: endingsOf(lead, endings) ?? null,
    carriedAlong: others
      .filter((other) => other.from === 'count' && rateOf(other) > 0)
      .slice(0, CARRIED_COUNT)
      .map((other) => ({ name: nameOfSuspect(other), perCycle: rateOf(other) })),
    windows: windowsOfLead(lead, cycled),
    allowed: null,
    known: null,
  };
  return { ...finding, fingerprint: fingerprintOf(finding), title: sayTitle(finding), sentence: sayFinding(finding) };
}

/** From the first frame that is not Node's own; what Node does inside is nobody's mistake. */
function outsideNode(stack: readonly Place[]): readonly Place[] {
  const first = stack.findIndex(({ owner }) => owner.is !== 'node');
  return first === -1 ? [] : stack.slice(first);
}

/** All that stays of one cycle, as far as its stacks tell. */
function bytesOf({ lead, others }: Cause): number | null {
  const bytes = [lead, ...others].reduce((sum, it) => sum + (it.from === 'site' ? it.bytesPerCycle : 0), 0);
  return bytes === 0 ? null : Math.round(bytes);
}

async function definedAt(lead: Suspect, { examination }: Cycled, places: PlaceResolver): Promise<Place | null> {
  if (lead.from !== 'count') return null;
  const { classId, position } = lead.series.about;
  const found = classId === undefined ? position : await examination.heap?.positionOf(classId);
  if (found === undefined || isOfNode(found.url)) return null;
  return await places.resolve(found);
}

function windowsOfLead(lead: Suspect, { examination }: Cycled): Finding['windows'] {
  if (lead.from === 'site') return lead.site.windows.map(({ cycles, objects }) => ({ cycles, grew: objects }));
  return windowsOf(countedOf(examination.looks, lead.series)).windows;
}

/** After which endings something stays and after which not; `undefined` when they were not told apart for it. */
function endingsOf(suspect: Suspect, seen: EndingsSeen | undefined): Finding['endings'] | undefined {
  if (seen === undefined || seen.endings.length === 0) return undefined;
  const leaking: string[] = [];
  const clean: string[] = [];
  const all = [...seen.endings, ...(seen.vanish === undefined ? [] : [seen.vanish])];
  for (const one of all) {
    // A vanish was not among the mixed endings: stacks were not followed there.
    if (suspect.from === 'site' && one.ending === 'vanish') continue;
    const stays =
      suspect.from === 'site'
        ? one.sites.has(suspect.site.site.key)
        : one.left.some(
            ({ kind, name }) => kind === countKindOf(suspect.series.kind) && name === suspect.series.name,
          );
    (stays ? leaking : clean).push(one.ending);
  }
  return leaking.length === 0 ? undefined : { leaking, clean };
}

/** 0 the application's, 1 a package's, 2 Node's own. */
function ownerRank({ stack }: SurvivorSite): number {
  const first = stack.find(({ url }) => !isOfNode(url));
  if (first === undefined) return 2;
  return ownerOf(first.url).is === 'application' ? 0 : 1;
}

