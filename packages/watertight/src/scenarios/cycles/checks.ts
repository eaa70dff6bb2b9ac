import type { Crowd } from '../shared/crowd.ts';
import { checkEndings } from './attribution.ts';
import { toWindows, type Cycled, type WindowSeen } from './windows.ts';
import type { Counts } from '../../evidence/counts.ts';
import { growingWithCycles, grownOtherwise, type Growth } from '../../verdict/growth-in-windows.ts';
import { tellingRank } from './left-counts.ts';
import { left, socketAllowance } from '../../evidence/server-look.ts';
import type { Steps } from '../steps.ts';
import type { ScenarioContext, StepOutcome } from '../types.ts';
import { imbalances } from '../../verdict/balance.ts';
import type { ViolationType } from '../../verdict/violation-types.ts';

const BUDGET_MS = 30_000;
const LARGEST_LIMIT = 200;
const NO_FACTORY = 'the server shows no factory that can be asked';
const NO_INSIDE = 'the process of the server cannot be looked into';
const NO_PROCESS = 'the process of the server is not known, or not ours to look at';
/** Release has a scenario of its own that is exact about time; here only what nobody can mistake is called late. */
const LATE_FACTOR = 4;
/** So many names of what grew are shown. */
const SHOWN_COUNT = 6;

/** Judges what was seen while cycling. */
export async function checkLooks(context: ScenarioContext, steps: Steps, crowd: Crowd, cycled: Cycled): Promise<void> {
  const { baseline } = cycled;
  await checkCycles(context, steps, cycled);
  // What people want to know first. Asking only whether a fault is seen, what is seen first is enough.
  if (!context.bail) await checkEndings(context, steps, crowd, cycled);
  await checkManagers(context, steps, cycled);
  await checkSlots(context, steps, crowd, cycled);
  await checkSockets(steps, cycled);
  const descriptors = (window: WindowSeen): Counts | undefined => window.look.descriptors;
  await checkGrowth(steps, cycled, baseline.descriptors, descriptors, {
    id: 'cycles/no-file-descriptor-is-left',
    what: 'open file descriptors',
    type: 'file-descriptors-left',
    note: NO_PROCESS,
  });
  const handles = (window: WindowSeen): Counts | undefined => window.look.handles;
  await checkGrowth(steps, cycled, baseline.handles, handles, {
    id: 'cycles/no-handle-or-timer-is-left',
    what: 'handles and timers',
    type: 'handles-left',
    note: NO_INSIDE,
  });
  const listeners = (window: WindowSeen): Counts | undefined => window.look.listeners;
  await checkGrowth(steps, cycled, baseline.listeners, listeners, {
    id: 'cycles/no-process-listener-is-left',
    what: 'listeners on process',
    type: 'listeners-left',
    note: NO_INSIDE,
  });
  const instances = (window: WindowSeen): Counts | undefined => window.instances;
  await checkGrowth(steps, cycled, cycled.instancesBefore, instances, {
    id: 'cycles/no-instance-is-left',
    what: 'objects by constructor',
    type: 'instances-left',
    note: NO_INSIDE,
  });
  await checkAccounts(steps, cycled, context.inside?.factory?.options.statsTopUsers ?? 0);
  if (context.bail) await checkEndings(context, steps, crowd, cycled);
}

async function checkCycles(context: ScenarioContext, steps: Steps, { waves, windows }: Cycled): Promise<void> {
  const cycles = sum(waves.map((wave) => wave.cycles));
  const elapsedMs = sum(waves.map((wave) => wave.elapsedMs));
  const admitted = sum(waves.map((wave) => wave.admitted));
  const served = sum(waves.map((wave) => wave.served));
  const aborted = sum(waves.map((wave) => wave.aborted));
  const perSecond = Math.round((cycles / elapsedMs) * 1_000);
  context.tracker.figure('cycles', cycles);
  context.tracker.figure('cycles per second', perSecond);
  context.tracker.figure('settled after ms', Math.round(Math.max(...windows.map((window) => window.settledAfterMs))));
  await steps.check('cycles/every-cycle-is-admitted-and-served', () => {
    const meant = cycles - aborted;
    const why = waves.find((wave) => wave.firstFailure !== undefined)?.firstFailure;
    const message = `of ${meant} cycles ${admitted} were admitted and ${served} answered${why === undefined ? '' : `; the first that was not: ${why}`}`;
    return {
      ok: admitted === meant && served === meant,
      message,
      type: 'cycles-incomplete',
      figures: { cycles, aborted, admitted, served },
    };
  });
  await steps.check('cycles/the-budget-is-kept', () => ({
    ok: elapsedMs <= BUDGET_MS,
    message: `${cycles} cycles took ${Math.round(elapsedMs)} ms, ${BUDGET_MS} ms are allowed`,
    type: 'cycle-budget-exceeded',
    figures: { elapsedMs: Math.round(elapsedMs), budgetMs: BUDGET_MS, perSecond },
  }));
}

async function checkManagers(context: ScenarioContext, steps: Steps, { baseline, windows }: Cycled): Promise<void> {
  const id = 'cycles/no-manager-is-left';
  const before = baseline.held;
  const after = windows.at(-1)?.look.held;
  if (before === undefined || after === undefined) return steps.skip(id, 'not visible', NO_FACTORY);
  const { deadlineMs } = context.promises;
  await steps.check(id, () => {
    const more = left(after, before);
    const cycles = sum(windows.map((window) => window.cycles));
    const heldAfterMs = Math.max(...windows.map((window) => window.heldAfterMs));
    const figures = {
      cycles,
      releasedAfterMs: Number.isFinite(heldAfterMs) ? Math.round(heldAfterMs) : 'never',
      ...prefixed('before', before),
      ...prefixed('after', after),
    };
    if (Object.keys(more).length > 0) {
      const message = `${list(more)} more than before ${cycles} cycles whose clients are all gone`;
      return { ok: false, message, type: 'managers-left', figures };
    }
    const isLate = deadlineMs.by !== 'nobody' && heldAfterMs > LATE_FACTOR * deadlineMs.value;
    const message = `late release: managers of these cycles were held for ${figures.releasedAfterMs} ms after the last of them had ended`;
    return { ok: !isLate, message, type: 'late-release', figures };
  });
}

/** Looked at from outside in every case: a count beside the truth would be wrong in the statistics as well. */
async function checkSlots(
  { promises, settleMs }: ScenarioContext,
  steps: Steps,
  crowd: Crowd,
  { users }: Cycled,
): Promise<void> {
  const id = 'cycles/every-slot-is-free-again';
  const { limit } = promises;
  const user = users[0];
  if (limit.by === 'nobody' || user === undefined)
    return steps.skip(id, 'not promised', 'without a limit (--limit) there are no slots');
  if (limit.value > LARGEST_LIMIT)
    return steps.skip(
      id,
      'inconclusive',
      `a limit of ${limit.value} takes too many sockets to fill; one of at most ${LARGEST_LIMIT} would settle it`,
    );
  await steps.check(id, async () => {
    const clients = await crowd.fill(user, limit.value);
    const message = `a user whose cycles are all over was admitted ${clients.length} times, the limit is ${limit.value}`;
    const figures = { limit: limit.value, admitted: clients.length };
    await Promise.all(clients.map((client) => client.end('close-frame')));
    await Promise.all(clients.map((client) => client.gone(settleMs)));
    return { ok: clients.length === limit.value, message, type: 'slot-not-reusable', severity: 'critical', figures };
  });
}

async function checkSockets(steps: Steps, { baseline, windows }: Cycled): Promise<void> {
  const id = 'cycles/no-socket-is-left';
  const before = baseline.sockets;
  const after = windows.at(-1)?.look.sockets;
  if (before === undefined || after === undefined) return steps.skip(id, 'not visible', NO_PROCESS);
  await steps.check(id, () => {
    const cycles = sum(windows.map((window) => window.cycles));
    const more = left(after, before, socketAllowance(cycles));
    const message = `${list(more)} sockets more than before ${cycles} cycles, all of whose clients are gone`;
    return {
      ok: Object.keys(more).length === 0,
      message,
      type: 'sockets-left',
      figures: { cycles, ...prefixed('before', before), ...prefixed('after', after) },
    };
  });
}

async function checkGrowth(
  steps: Steps,
  { windows }: Cycled,
  before: Counts | undefined,
  pick: (window: WindowSeen) => Counts | undefined,
  about: { readonly id: string; readonly what: string; readonly type: ViolationType; readonly note: string },
): Promise<void> {
  if (before === undefined || windows.some((window) => pick(window) === undefined))
    return steps.skip(about.id, 'not visible', about.note);
  await steps.check(about.id, (): StepOutcome => {
    const seen = toWindows(windows, pick);
    const growing = growingWithCycles(before, seen).toSorted(
      (one, other) => tellingRank(one.name) - tellingRank(other.name),
    );
    const cycles = windows.map((window) => window.cycles);
    const notes = grownOtherwise(before, seen).slice(0, SHOWN_COUNT);
    const figures = {
      windows: cycles.join(' + '),
      ...(growing.length === 0 ? {} : { 'in each of them': shown(growing, byWindow) }),
      ...(notes.length === 0 ? {} : { 'grew, but not with the cycles': notes.map(byWindow).join(', ') }),
    };
    const message = `${about.what} grew with the cycles, per cycle ${shown(growing, perCycle)}`;
    const isTimers =
      about.type === 'handles-left' && growing.every(({ name }) => name === 'Timeout' || name === 'Immediate');
    return { ok: growing.length === 0, message, type: isTimers ? 'timers-left' : about.type, figures };
  });
}

async function checkAccounts(steps: Steps, { baseline, windows }: Cycled, statsTopUsers: number): Promise<void> {
  const id = 'cycles/the-accounts-add-up';
  const looks = [baseline, ...windows.map((window) => window.look)].flatMap(({ stats }) => stats ?? []);
  const last = looks.at(-1);
  if (last === undefined) return steps.skip(id, 'not visible', NO_FACTORY);
  await steps.check(id, () => {
    const wrong = looks.flatMap((stats) => imbalances(stats, statsTopUsers));
    const { created, active, pending, closing, released } = last;
    return {
      ok: wrong.length === 0,
      message: wrong[0] ?? '',
      type: 'accounting-mismatch',
      figures: { created, active, pending, closing, released: released.total, looks: looks.length },
    };
  });
}

/** What hangs on others is only counted, unless there is nothing else. */
function shown(growing: readonly Growth[], describe: (growth: Growth) => string): string {
  const telling = growing.filter(({ name }) => tellingRank(name) <= 1);
  const named = (telling.length > 0 ? telling : growing).slice(0, SHOWN_COUNT);
  const more = growing.length - named.length;
  return `${named.map(describe).join(', ')}${more > 0 ? ` and ${more} kinds more` : ''}`;
}

function perCycle(growth: Growth): string {
  return `${growth.perCycle} ${growth.name}`;
}

function byWindow({ name, by }: Growth): string {
  return `${name} ${by.map((growth) => `+${growth}`).join(' ')}`;
}

function list(counts: Counts): string {
  return Object.entries(counts)
    .map(([name, count]) => `${count} ${name}`)
    .join(', ');
}

function prefixed(prefix: string, counts: Counts): Record<string, number> {
  return Object.fromEntries(Object.entries(counts).map(([name, count]) => [`${name} ${prefix}`, count]));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
