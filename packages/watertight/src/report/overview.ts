import type { FactoryStats, InspectableFactory, UserUsage } from '@watertight/server';

import { escapeTerminal } from './escape.ts';
import { formatMs, formatNumber } from './figures.ts';
import { type Surroundings, surroundingRows } from './surroundings.ts';
import { renderTable } from './table.ts';

/** Wider than any name of a row. */
const NAME_WIDTH = 17;
const NONE = '–';

/** What one factory holds, in lines. `before`: what was shown last, for what happened since. */
export function renderOverview(
  stats: FactoryStats,
  before: FactoryStats | undefined,
  options: InspectableFactory['options'],
  about: { readonly pid: number; readonly surroundings?: Surroundings | undefined },
): string {
  const rows: readonly [name: string, text: string][] = [
    ['managers', managers(stats)],
    ['connections', connections(stats)],
    ['admissions', admissions(stats, before)],
    ['released', counts(stats.released.byReason)],
    ['cleanup', cleanup(stats)],
    ['emergency', emergency(stats)],
    ['sweep', sweep(stats, options.sweepIntervalMs)],
    ['pressure', pressure(stats)],
    ['trouble', trouble(stats)],
    ...surroundingRows(about.surroundings),
  ];
  const head = `${escapeTerminal(stats.name)}, ${stats.state}, in process ${about.pid}`;
  const lines = rows.map(([name, text]) => name.padEnd(NAME_WIDTH) + text);
  return [head, '', ...lines, '', ...users(stats), '', ''].join('\n');
}

function managers({ active, pending, closing, withoutConnection, oldestWithoutConnectionAgeMs }: FactoryStats): string {
  const alone =
    withoutConnection === 0
      ? 'none without connection'
      : `${formatNumber(withoutConnection)} without connection, the oldest for ${formatMs(oldestWithoutConnectionAgeMs ?? 0)}`;
  return `${formatNumber(active)} active, ${formatNumber(pending)} pending, ${formatNumber(closing)} closing; ${alone}`;
}

function connections({ connections: open, users: userCount, oldestAgeMs }: FactoryStats): string {
  const oldest = oldestAgeMs === null ? '' : `; the oldest manager is ${formatMs(oldestAgeMs)} old`;
  return `${formatNumber(open)} open, of ${formatNumber(userCount)} users${oldest}`;
}

function admissions(stats: FactoryStats, before: FactoryStats | undefined): string {
  const total = `${formatNumber(stats.created)} created, ${formatNumber(stats.limitHits)} limit hits; refused: ${counts(stats.refusedByReason)}`;
  if (before === undefined) return total;
  const seconds = Math.max(0.001, (stats.takenAtMs - before.takenAtMs) / 1000);
  const rate = (now: number, then: number): string => formatNumber(Number(((now - then) / seconds).toFixed(1)));
  return `${total}; per second ${rate(stats.created, before.created)} created, ${rate(stats.released.total, before.released.total)} released`;
}

function cleanup({ cleanup: { slotReusable, socketGone, finalizersDone } }: FactoryStats): string {
  const one = (name: string, { count, p50Ms, p99Ms, overDeadline }: typeof socketGone): string =>
    count === 0
      ? `${name} ${NONE}`
      : `${name} p50 ${formatMs(p50Ms)}, p99 ${formatMs(p99Ms)}, ${overDeadline} over the deadline`;
  return [one('slot', slotReusable), one('socket', socketGone), one('finalizers', finalizersDone)].join(' · ');
}

function emergency({ emergency: { runs, usersInEmergency, removed } }: FactoryStats): string {
  const { dead, neverAttached, silent, forced } = removed;
  return `${formatNumber(usersInEmergency)} users in it; ${formatNumber(runs)} runs removed ${dead} dead, ${neverAttached} never attached, ${silent} silent, ${forced} by force`;
}

function sweep(
  { sweep: { running, lastRunAtMs, removed, lastError }, takenAtMs }: FactoryStats,
  everyMs: number | false,
): string {
  if (everyMs === false) return 'off';
  if (!running) return 'NOT RUNNING: the factory was not started';
  const last = lastRunAtMs === null ? 'not run yet' : `ran ${formatMs(takenAtMs - lastRunAtMs)} ago`;
  const error = lastError === null ? '' : `; last error: ${escapeTerminal(lastError)}`;
  return `${last}, every ${formatMs(everyMs)}, removed ${formatNumber(removed)}${error}`;
}

function pressure({ pressure: { state, managers: share, heap, eventLoopDelay } }: FactoryStats): string {
  const one = (name: string, value: number | null): string =>
    `${name} ${value === null ? NONE : `${Math.round(value * 100)} %`}`;
  return `${state}; of its limits ${one('managers', share)}, ${one('heap', heap)}, ${one('event loop', eventLoopDelay)}`;
}

function trouble({ slowConsumers, suspicions, liveness }: FactoryStats): string {
  return `${slowConsumers.now} slow consumers, ${suspicions.standing} suspected leaks, the loop held up ${liveness.heldUp} times (longest ${formatMs(liveness.longestHeldUpMs)})`;
}

function counts(of: Readonly<Record<string, number>>): string {
  const entries = Object.entries(of).toSorted(([, one], [, other]) => other - one);
  if (entries.length === 0) return 'none';
  return entries.map(([name, count]) => `${escapeTerminal(name)} ${formatNumber(count)}`).join(', ');
}

function users({ perUser, users: userCount }: FactoryStats): readonly string[] {
  if (perUser.length === 0) return ['nobody is here'];
  const rows = perUser.map((usage) => [
    escapeTerminal(usage.user),
    String(usage.held),
    usage.limit === false ? NONE : String(usage.limit),
    String(usage.pending),
    String(usage.active),
    String(usage.closing),
    remark(usage),
  ]);
  const table = renderTable([['user', 'held', 'limit', 'pending', 'active', 'closing', ''], ...rows]).split('\n');
  const more = userCount - perUser.length;
  return more > 0 ? [...table, `and ${formatNumber(more)} users with no more than the last of these`] : table;
}

function remark({ held, limit }: UserUsage): string {
  return limit !== false && held >= limit ? 'at the limit' : '';
}
