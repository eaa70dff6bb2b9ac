import type { QuotaState } from '@watertight/server';

import { escapeTerminal } from './escape.ts';
import { formatMs, formatNumber } from './figures.ts';

/** What a dashboard knows beside the statistics of a factory. */
export interface Surroundings {
  /** `null`: limits are not shared. */
  readonly quota: QuotaState | null;
  /** What fires now. */
  readonly alerts: readonly {
    readonly rule: string;
    readonly severity: string;
    readonly user: string | null;
    /** ISO 8601. */
    readonly since: string;
  }[];
  readonly loopDelay: { readonly p50Ms: number; readonly p99Ms: number; readonly maxMs: number };
}

const UNKNOWN = '–';

/** `undefined`: nobody who was asked knows. */
export function surroundingRows(known: Surroundings | undefined): readonly [name: string, text: string][] {
  const texts = { nodes, store, 'loop delay': loopDelay, alerts };
  return Object.entries(texts).map(([name, text]) => [name, known === undefined ? UNKNOWN : text(known)]);
}

function nodes({ quota }: Surroundings): string {
  if (quota === null) return '1; limits hold for this process alone';
  const lost = Object.values(quota.lost).reduce((total, count) => total + count, 0);
  return `${formatNumber(quota.nodes)}; leases of this one: ${formatNumber(quota.leases)}, and ${formatNumber(lost)} lost`;
}

function store({ quota }: Surroundings): string {
  if (quota === null) return 'none';
  const name = escapeTerminal(quota.store);
  return quota.awayForMs === null ? `${name} answers` : `${name} DOES NOT ANSWER for ${formatMs(quota.awayForMs)}`;
}

function loopDelay({ loopDelay: { p50Ms, p99Ms, maxMs } }: Surroundings): string {
  return `p50 ${formatMs(p50Ms)}, p99 ${formatMs(p99Ms)}, at most ${formatMs(maxMs)}`;
}

function alerts({ alerts: firing }: Surroundings): string {
  if (firing.length === 0) return 'none';
  const one = ({ rule, severity, user, since }: (typeof firing)[number]): string =>
    [severity, rule, ...(user === null ? [] : [user]), `since ${since}`].map(escapeTerminal).join(' ');
  return `${formatNumber(firing.length)} FIRING: ${firing.map(one).join('; ')}`;
}
