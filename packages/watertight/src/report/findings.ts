import type { Finding } from '../verdict/finding.ts';
import type { CheckResult } from '../verdict/types.ts';
import { sayOpenOn } from './open-on.ts';
import { placeText, relationTo } from './place-text.ts';
import { shownFrames } from './shown-frames.ts';

const CARRIED_COUNT = 6;

/** One line of what is known about a finding. */
export interface FindingLine {
  readonly label: string;
  readonly text: string;
}

/** What grew and is no leak, once each, with what was seen of it. */
export function harmlessLines(scenarios: CheckResult['scenarios']): readonly string[] {
  const all = scenarios.flatMap(({ evidence }) => evidence?.harmless ?? []);
  return [...new Set(all.map(({ sentence, seen }) => `${sentence}; seen: ${seen}`))];
}

/** Everything about a finding below its title, the most useful first. */
export function findingLines(finding: Finding): readonly FindingLine[] {
  const { endings, keptBy, independentRetainers, carriedAlong, windows, convictedAfterCycles } = finding;
  const lines: FindingLine[] = [];
  const [allocated, ...callers] = shownFrames(finding.allocationStack);
  if (allocated !== undefined) {
    lines.push({ label: 'allocated', text: placeText(allocated) });
    for (const caller of callers) lines.push({ label: '', text: `called by ${placeText(caller)}` });
  }
  const { definedAt } = finding;
  if (definedAt !== null) lines.push({ label: relationTo(definedAt, finding.name), text: placeText(definedAt) });
  if (finding.openOn !== undefined) lines.push({ label: 'open on', text: sayOpenOn(finding.openOn) });
  if (keptBy !== null) {
    lines.push({ label: 'kept by', text: keptBy });
    if (independentRetainers !== null && independentRetainers > 1)
      lines.push({ label: '', text: `and by ${independentRetainers - 1} more: cutting one of them is no fix` });
  }
  if (finding.traceNote !== null) lines.push({ label: 'kept by', text: finding.traceNote });
  if (endings !== null) {
    const clean = endings.clean.length === 0 ? '' : `; not after ${endings.clean.join(', ')}`;
    lines.push({ label: 'stays', text: `after ${endings.leaking.join(', ')}${clean}` });
  }
  if (carriedAlong.length > 0) {
    const named = carriedAlong.slice(0, CARRIED_COUNT).map(({ name, perCycle }) => `${perCycle} ${name}`);
    const more = carriedAlong.length - named.length;
    lines.push({ label: 'with it', text: `${named.join(', ')}${more > 0 ? ` and ${more} kinds more` : ''}` });
  }
  if (windows.length > 0) {
    const cycles = windows.map((window) => window.cycles).join(' + ');
    const grew = windows.map((window) => `+${window.grew}`).join(' ');
    const since = typeof convictedAfterCycles !== 'number' ? '' : `; a leak from cycle ${convictedAfterCycles} on`;
    lines.push({ label: 'seen', text: `${grew} in ${cycles} cycles${since}` });
  }
  if (finding.allowed !== null) lines.push({ label: 'allowed', text: finding.allowed });
  const isNew = finding.known === null ? '' : finding.known ? ', known to the baseline' : ', new';
  lines.push({ label: 'fingerprint', text: `${finding.fingerprint}${isNew}` });
  return lines;
}
