import type { LifeDrive } from '../../drive/recipes/types.ts';
import type { Counts } from '../../evidence/counts.ts';
import type { Look } from '../../evidence/examination.ts';
import { left } from '../../evidence/server-look.ts';
import { imbalances } from '../../verdict/balance.ts';
import type { FindingKind } from '../../verdict/finding.ts';
import type { Suspect } from '../../verdict/suspects.ts';
import type { Figure } from '../../verdict/types.ts';
import type { ViolationType } from '../../verdict/violation-types.ts';
import { Crowd } from '../shared/crowd.ts';
import { whyNotFilled } from '../shared/room-for.ts';
import { excuseTurnedAway } from '../shared/turned-away.ts';
import type { Steps } from '../steps.ts';
import { NO_METRICS_NAMED, type ScenarioContext, type StepOutcome } from '../types.ts';
import { checkEndings } from './attribution.ts';
import type { Cycled } from './cycling.ts';
import type { EndingsSeen } from './endings.ts';
import { checkFromClients } from './from-clients.ts';
import { checkMemory } from './memory-check.ts';
import { sayUndecided, shortList } from './growth-text.ts';
import { cyclesPerSecond, judgePace } from './pace.ts';
import { socketsLeft } from './sockets-left.ts';
import { rankOf } from './suspect-rank.ts';

const NO_FACTORY = 'the server shows no factory that can be asked';
const NO_INSIDE = 'the process of the server cannot be looked into';
const NO_PROCESS = 'the process of the server is not known, or not ours to look at';
/** Release has a scenario of its own that is exact about time; here only what nobody can mistake is called late. */
const LATE_FACTOR = 4;
/** So many names of what grew are shown. */
const SHOWN_COUNT = 6;

/** Judges what was seen while cycling; answers what stays after which ending, where that was asked. */
export async function checkLooks(
  context: ScenarioContext,
  steps: Steps,
  lives: LifeDrive,
  cycled: Cycled,
): Promise<EndingsSeen | undefined> {
  await checkCycles(context, steps, cycled);
  // What people want to know first. Asking only whether a fault is seen, what is seen first is enough.
  const seen = context.bail ? undefined : await checkEndings(context, steps, lives, cycled);
  await checkManagers(context, steps, cycled);
  await checkSlots(context, steps, cycled);
  await checkSockets(steps, cycled);
  for (const about of GROWTH_STEPS) await checkGrowth(steps, cycled, about);
  await checkMemory(steps, cycled, NO_PROCESS);
  await checkAccounts(steps, cycled, context.inside?.factory?.options.statsTopUsers ?? 0);
  return context.bail ? await checkEndings(context, steps, lives, cycled) : seen;
}

async function checkCycles(context: ScenarioContext, steps: Steps, cycled: Cycled): Promise<void> {
  const { waves, examination } = cycled;
  const cycles = sum(waves.map((wave) => wave.cycles));
  const elapsedMs = sum(waves.map((wave) => wave.elapsedMs));
  const meant = sum(waves.map((wave) => wave.meant));
  const admitted = sum(waves.map((wave) => wave.admitted));
  const served = sum(waves.map((wave) => wave.served));
  const turnedAway = sum(waves.map((wave) => wave.turnedAway));
  context.tracker.figure('cycles', cycled.cycles);
  context.tracker.figure('cycles per second', cyclesPerSecond(cycles, elapsedMs));
  const settledMs = examination.looks.filter((look) => look.cycles > 0).map((look) => look.settled.afterMs);
  context.tracker.figure('settled after ms', Math.round(Math.max(0, ...settledMs)));
  await steps.check('cycles/every-cycle-is-admitted-and-served', () => {
    const why = waves.find((wave) => wave.firstFailure !== undefined)?.firstFailure;
    const message = `of ${meant} cycles ${admitted} were admitted and ${served} answered${why === undefined ? '' : `; the first that was not: ${why}`}`;
    excuseTurnedAway(context.promises, turnedAway > 0 && meant - served === turnedAway, message);
    return {
      ok: admitted === meant && served === meant,
      message,
      type: 'cycles-incomplete',
      figures: { cycles, 'cut on their way': cycles - meant, admitted, served },
    };
  });
  await steps.check('cycles/the-budget-is-kept', () => judgePace(cycles, elapsedMs));
}

async function checkManagers(context: ScenarioContext, steps: Steps, { examination, cycles }: Cycled): Promise<void> {
  const id = 'cycles/no-manager-is-left';
  const before = examination.baseline.server.held;
  const after = examination.last.server.held;
  if (before === undefined || after === undefined) return steps.skip(id, 'not visible', NO_FACTORY);
  const { deadlineMs } = context.promises;
  await steps.check(id, () => {
    const more = left(after, before);
    const heldAfterMs = Math.max(...windowLooks(examination.looks).map((look) => look.settled.heldAfterMs));
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
async function checkSlots(context: ScenarioContext, steps: Steps, { users }: Cycled): Promise<void> {
  const id = 'cycles/every-slot-is-free-again';
  const { promises, settleMs } = context;
  const { limit } = promises;
  const user = users[0];
  if (limit.by === 'nobody' || user === undefined)
    return steps.skip(id, 'not promised', 'without a limit (--limit) there are no slots');
  const notFilled = whyNotFilled(limit.value);
  if (notFilled !== undefined) return steps.skip(id, 'not visible', notFilled);
  const crowd = new Crowd(context);
  try {
    await steps.check(id, async () => {
      const clients = await crowd.fill(user, limit.value);
      const message = `a user whose cycles are all over was admitted ${clients.length} times, the limit is ${limit.value}`;
      const figures = { limit: limit.value, admitted: clients.length };
      await Promise.all(clients.map((client) => client.end('close-frame')));
      await Promise.all(clients.map((client) => client.gone(settleMs)));
      return { ok: clients.length === limit.value, message, type: 'slot-not-reusable', severity: 'critical', figures };
    });
  } finally {
    crowd.dispose();
  }
}

async function checkSockets(steps: Steps, cycled: Cycled): Promise<void> {
  const { examination, cycles, suspects } = cycled;
  const id = 'cycles/no-socket-is-left';
  const before = examination.baseline.server.sockets;
  const after = examination.last.server.sockets;
  if (before === undefined || after === undefined) return await checkFromClients(steps, id, cycled);
  await steps.check(id, () => {
    const { kept, late } = socketsLeft(before, after, cycles, suspects);
    const message = `${list(kept)} sockets more than before ${cycles} cycles, all of whose clients are gone`;
    return {
      ok: Object.keys(kept).length === 0,
      message,
      type: 'sockets-left',
      figures: { cycles, ...prefixed('before', before), ...prefixed('after', after), ...late },
    };
  });
}

interface GrowthStep {
  readonly id: string;
  readonly what: string;
  readonly kinds: readonly FindingKind[];
  /** Allocation stacks are told with the objects. */
  readonly sites?: boolean;
  readonly type: ViolationType;
  readonly isVisible: (look: Look) => boolean;
  /** Why it is not. */
  readonly note: string;
}

const GROWTH_STEPS: readonly GrowthStep[] = [
  {
    id: 'cycles/no-file-descriptor-is-left',
    what: 'open file descriptors',
    kinds: ['descriptors'],
    type: 'file-descriptors-left',
    isVisible: ({ server }) => server.descriptors !== undefined,
    note: NO_PROCESS,
  },
  {
    id: 'cycles/no-handle-or-timer-is-left',
    what: 'handles and timers',
    kinds: ['handles', 'timers'],
    type: 'handles-left',
    isVisible: ({ server }) => server.handles !== undefined,
    note: NO_INSIDE,
  },
  {
    id: 'cycles/no-listener-is-left',
    what: 'listeners',
    kinds: ['listeners'],
    type: 'listeners-left',
    isVisible: ({ server }) => server.listeners !== undefined,
    note: NO_INSIDE,
  },
  {
    id: 'cycles/no-gauge-grows',
    what: 'gauges of its own metrics',
    kinds: ['gauges'],
    type: 'gauge-grows',
    isVisible: ({ server }) => server.gauges !== undefined,
    note: NO_METRICS_NAMED,
  },
  {
    id: 'cycles/no-process-is-left',
    what: 'child processes and threads',
    kinds: ['processes', 'threads'],
    type: 'processes-left',
    isVisible: ({ server, heap }) => server.children !== undefined || heap !== undefined,
    note: NO_PROCESS,
  },
  {
    id: 'cycles/no-instance-is-left',
    what: 'objects',
    kinds: ['objects', 'promises', 'realms'],
    sites: true,
    type: 'instances-left',
    isVisible: ({ heap, lines }) => heap !== undefined || lines !== undefined,
    note: NO_INSIDE,
  },
  {
    id: 'cycles/no-collection-grows',
    what: 'collections',
    kinds: ['collection'],
    type: 'collection-grows',
    isVisible: ({ heap }) => heap?.collections !== undefined,
    note: 'collections were not looked into: the process cannot be opened',
  },
];

async function checkGrowth(steps: Steps, cycled: Cycled, about: GrowthStep): Promise<void> {
  const { looks } = cycled.examination;
  if (!about.isVisible(cycled.examination.lastWalk)) return steps.skip(about.id, 'not visible', about.note);
  await steps.check(about.id, (): StepOutcome => {
    const mine = cycled.suspects.filter((suspect) =>
      suspect.from === 'count' ? about.kinds.includes(suspect.series.kind) : about.sites === true,
    );
    const grown = mine
      .filter(({ growth }) => growth.is === 'leak')
      .toSorted((one, other) => rankOf(one) - rankOf(other));
    const rest = mine.filter(({ growth }) => growth.is !== 'leak');
    const undecided = rest.find(({ growth }) => growth.is === 'undecided');
    const figures: Record<string, Figure> = {
      windows: windowLooks(looks)
        .map((look) => look.cycles)
        .join(' + '),
    };
    if (rest.length > 0) figures['grew, but not with the cycles'] = shortList(rest, SHOWN_COUNT);
    if (grown.length === 0 && undecided !== undefined) throw new Error(sayUndecided(undecided, cycled.cutShort));
    const message = `${about.what} grew with the cycles: ${shortList(grown, SHOWN_COUNT)}`;
    const isTimers = about.type === 'handles-left' && grown.every(isTimer);
    return { ok: grown.length === 0, message, type: isTimers ? 'timers-left' : about.type, figures };
  });
}

function isTimer(suspect: Suspect): boolean {
  if (suspect.from !== 'count') return false;
  const { kind, name } = suspect.series;
  return kind === 'timers' || name === 'Timeout' || name === 'Immediate';
}

async function checkAccounts(steps: Steps, { examination }: Cycled, statsTopUsers: number): Promise<void> {
  const id = 'cycles/the-accounts-add-up';
  const looks = examination.looks.flatMap(({ server }) => server.stats ?? []);
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

/** The looks that ended a window of cycles. */
function windowLooks(looks: readonly Look[]): readonly Look[] {
  return looks.filter((look) => look.cycles > 0);
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
  return numbers.reduce((all, one) => all + one, 0);
}
