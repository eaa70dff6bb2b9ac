import type { FactoryStats } from '@watertight/server';
import type { Client } from '../../drive/types.ts';
import type { Crowd } from '../shared/crowd.ts';
import { whyNotFilled } from '../shared/room-for.ts';
import type { Played } from './habits.ts';
import { left, onceOpened, settledLook, socketAllowance, type ServerLook } from '../../evidence/server-look.ts';
import type { Counts } from '../../evidence/counts.ts';
import { poll } from '../../evidence/poll.ts';
import type { Steps } from '../steps.ts';
import { awaitedSilenceMs } from '../timing/silence.ts';
import type { ScenarioContext } from '../types.ts';
import { imbalances } from '../../verdict/balance.ts';
import type { ViolationType } from '../../verdict/violation-types.ts';

const NO_FACTORY = 'the server shows no factory that can be asked';
const NO_INSIDE = 'the process of the server cannot be looked into';
const NO_PROCESS = 'the process of the server is not known, or not ours to look at';

/** Everybody leaves, and everything has to add up. Who vanished stays vanished: no FIN of ours tells the server. */
export async function checkAccounts(
  context: ScenarioContext,
  steps: Steps,
  crowd: Crowd,
  played: Played,
): Promise<void> {
  const { bystanders, tabsOpen, slow, full, above, stayed, start } = played;
  const leaving: readonly Client[] = [...bystanders, ...tabsOpen, ...slow.clients, ...full, ...above, ...stayed];
  await Promise.all(leaving.map((client, index) => client.end(played.leaving[index % played.leaving.length] ?? 'fin')));
  const lives = leaving.length + played.vanished.length + played.storm.cycles;
  const { look, afterMs } = await settledLook(context, start, { patienceMs: settlePatienceMs(context, played), lives });
  context.tracker.figure('settled after ms', Math.round(afterMs));
  await checkUsers(context, steps, crowd, played);
  await checkStats(steps, played, look, context.inside?.factory?.options.statsTopUsers ?? 0);
  const once = (): number => onceOpened(lives);
  await checkBack(steps, 'comprehensive/no-socket-is-left', start.sockets, look.sockets, {
    what: 'sockets',
    type: 'sockets-left',
    note: NO_PROCESS,
    afterMs,
    allowance: socketAllowance(lives),
  });
  await checkBack(steps, 'comprehensive/no-handle-or-timer-is-left', start.handles, look.handles, {
    what: 'handles and timers',
    type: 'handles-left',
    note: NO_INSIDE,
    afterMs,
    allowance: once,
  });
  await checkBack(steps, 'comprehensive/no-process-listener-is-left', start.listeners, look.listeners, {
    what: 'listeners on process',
    type: 'listeners-left',
    note: NO_INSIDE,
    afterMs,
    allowance: once,
  });
}

/** Those who vanished and were spared by an emergency are found silent later, or never. */
function settlePatienceMs(
  { promises, settleMs, bail }: ScenarioContext,
  { vanished, vanishedAtMs, deadlineMs }: Played,
): number {
  const silenceMs = awaitedSilenceMs(promises);
  const shortMs = bail ? Math.min(settleMs, 2 * deadlineMs) : settleMs;
  if (vanished.length === 0 || silenceMs === 0) return shortMs;
  return Math.max(shortMs, vanishedAtMs + silenceMs + deadlineMs - performance.now());
}

async function checkUsers(
  context: ScenarioContext,
  steps: Steps,
  crowd: Crowd,
  { users, deadlineMs }: Played,
): Promise<void> {
  const id = 'comprehensive/every-user-is-at-zero';
  const factory = context.inside?.factory;
  if (factory !== undefined) {
    await steps.check(id, async () => {
      const usages = await Promise.all(
        Object.entries(users).map(async ([who, user]) => [who, (await factory.usage(user)).held] as const),
      );
      const more = usages.filter(([, held]) => held !== 0);
      const message = `everybody left, but ${more.map(([who, held]) => `${held} of the ${who}`).join(', ')} are held`;
      // After all the patience that there was for it.
      const figures = Object.fromEntries(usages);
      return { ok: more.length === 0, message, type: 'users-left', isTimeless: true, figures };
    });
    return;
  }
  const { limit } = context.promises;
  if (limit.by === 'nobody')
    return steps.skip(id, 'not promised', 'without a limit (--limit) nothing is held against a user');
  const notFilled = whyNotFilled(limit.value);
  if (notFilled !== undefined) return steps.skip(id, 'not visible', notFilled);
  await steps.check(id, async () => {
    const figures: Record<string, number> = { limit: limit.value };
    for (const [who, user] of Object.entries(users)) {
      const { last } = await poll(
        async () => {
          const clients = await crowd.fill(user, limit.value);
          await Promise.all(clients.map((client) => client.end('close-frame')));
          await Promise.all(clients.map((client) => client.gone(deadlineMs)));
          return clients.length;
        },
        (count) => count === limit.value,
        { deadlineMs, signal: context.signal },
      );
      figures[who] = last;
    }
    const less = Object.entries(figures).filter(([, count]) => count !== limit.value);
    const message = `everybody left, but of ${limit.value} only ${less.map(([who, count]) => `${count} of the ${who}`).join(', ')} can come back`;
    return { ok: less.length === 0, message, type: 'users-left', figures };
  });
}

async function checkStats(steps: Steps, played: Played, look: ServerLook, statsTopUsers: number): Promise<void> {
  const before = played.start.stats;
  const after = look.stats;
  if (before === undefined || after === undefined) {
    steps.skip('comprehensive/the-accounts-add-up', 'not visible', NO_FACTORY);
    steps.skip('comprehensive/the-reasons-add-up', 'not visible', NO_FACTORY);
    return;
  }
  const { storm } = played;
  const entered = Object.values(played.admitted).reduce((sum, { got }) => sum + got, 0);
  const admitted = entered + storm.admitted + played.above.length + (played.emergency?.entry.admitted === true ? 1 : 0);
  const created = after.created - before.created;
  await steps.check('comprehensive/the-accounts-add-up', () => {
    const { active, pending, closing, released } = after;
    const figures = {
      created,
      admitted,
      abortedInUpgrade: storm.aborted,
      active,
      pending,
      closing,
      released: released.total,
    };
    const wrong = imbalances(after, statsTopUsers);
    // Whoever aborted may have been created, or have left before.
    const isPlausible = created >= admitted && created <= admitted + storm.aborted;
    const message =
      wrong[0] ?? `${created} were created, but ${admitted} admitted and ${storm.aborted} aborted in the upgrade`;
    return { ok: wrong.length === 0 && isPlausible, message, type: 'accounting-mismatch', isTimeless: true, figures };
  });
  await steps.check('comprehensive/the-reasons-add-up', () => judgeReasons(played, before, after, created));
}

function judgeReasons(
  { refusals, stormRefusedCount, vanished, emergency }: Played,
  before: FactoryStats,
  after: FactoryStats,
  created: number,
): ReturnType<Parameters<Steps['check']>[1]> {
  const reasons = left(after.released.byReason, before.released.byReason);
  const released = Object.values(reasons).reduce((sum, count) => sum + count, 0);
  const silent = reasons['emergency:silent'] ?? 0;
  const expectedSilent = emergency === undefined ? 0 : vanished.length;
  const stillThere = after.active + after.pending + after.closing - (before.active + before.pending + before.closing);
  const limitHits = after.limitHits - before.limitHits;
  const refused = refusals.length + stormRefusedCount;
  const figures = { created, released, stillThere, limitHits, refused, ...reasons };
  const wrong = [
    released === created - stillThere
      ? undefined
      : `${created} were created, and the reasons add up to ${released} released`,
    silent === expectedSilent ? undefined : `${silent} were released as emergency:silent, ${expectedSilent} vanished`,
    limitHits === refused ? undefined : `${limitHits} limit hits were counted, ${refused} attempts refused`,
  ].filter((text) => text !== undefined);
  // Whom an emergency finds silent, and whom the heartbeat, is a question of time; how many there are is none.
  const isTimeless = released !== created - stillThere || limitHits !== refused;
  return { ok: wrong.length === 0, message: wrong.join('; '), type: 'accounting-mismatch', isTimeless, figures };
}

interface About {
  readonly what: string;
  readonly type: ViolationType;
  readonly note: string;
  readonly afterMs: number;
  /** How many of a name may be more without proving anything. */
  readonly allowance: (name: string) => number;
}

async function checkBack(
  steps: Steps,
  id: string,
  before: Counts | undefined,
  after: Counts | undefined,
  about: About,
): Promise<void> {
  if (before === undefined || after === undefined) return steps.skip(id, 'not visible', about.note);
  await steps.check(id, () => {
    const more = left(after, before, about.allowance);
    const seen = Object.entries(more).map(([name, count]) => `${count} ${name}`);
    const message = `${about.what} left ${Math.round(about.afterMs)} ms after everybody had gone: ${seen.join(', ')} more than before`;
    const isTimers =
      about.type === 'handles-left' && Object.keys(more).every((name) => name === 'Timeout' || name === 'Immediate');
    return {
      ok: seen.length === 0,
      message,
      type: isTimers ? 'timers-left' : about.type,
      isTimeless: true,
      figures: { ...after, settledAfterMs: Math.round(about.afterMs) },
    };
  });
}
