import { silentCount, type Half } from './cast.ts';
import { refusalFigures, wasAnswered, whatIsUndocumented } from '../shared/refusal.ts';
import { judgeFigures, judgeTold } from './figures.ts';
import { judgeForced } from './force.ts';
import { judgeFull } from './full.ts';
import type { Judged } from './judged.ts';
import { judgeLate } from './late-checks.ts';
import { beganLate, silentReleases } from './play.ts';
import { CLOSE_ALL_REASON, type HalfSeen } from './acts.ts';
import { judgeSamples } from '../timing/timed.ts';
import type { StepOutcome } from '../types.ts';

const NO_FACTORY = 'the server shows no factory that can be asked';

/** Judges a play: first what holds however late the cleanups began, then, where they began in time, what hangs on when that was. */
export async function checkEmergency(judged: Judged): Promise<void> {
  await checkWheneverBegun(judged);
  const { steps, play, rules } = judged;
  if (beganLate(play, rules)) {
    const note = `the cleanups began ${Math.round(play.lateMs)} ms after the silent fell silent, and were to begin after ${Math.round(rules.quietMs)} ms`;
    steps.giveUpPlay(note);
    return steps.skipRest(
      'inconclusive',
      `${note}; repeat on a less busy machine, or with a longer heartbeat interval`,
    );
  }
  await steps.check('emergency/who-answers-late-stays', () => judgeLate(judged));
  await checkByHand(judged);
  await steps.check('emergency/nobody-waits-for-those-who-have-answered', () =>
    judgeFull(play.full, rules, judged.loopDelayMs),
  );
  await checkForced(judged);
  await checkReason(judged);
  await checkFigures(judged);
  await checkCalm(judged);
  await checkUnattached(judged);
}

async function checkWheneverBegun(judged: Judged): Promise<void> {
  const { steps, play, rules } = judged;
  await steps.check('emergency/sixteen-are-admitted', () => judgeCast(judged));
  // Before the others: a cleanup that takes somebody else's shows in the counts of its own user as well.
  await steps.check('emergency/nobody-else-is-touched', () => judgeBystander(judged));
  await steps.check('emergency/the-17th-is-admitted', () => ({
    ok: play.entry.admitted,
    message: `number ${rules.threshold + 1} of a user with a limit of ${rules.limit} was refused`,
    type: 'limit-undershoot',
    isTimeless: !play.entry.admitted && wasAnswered(play.entry.refusal),
    figures: {
      threshold: rules.threshold,
      ...(play.entry.admitted ? { admitted: true } : refusalFigures(play.entry.refusal)),
    },
  }));
  await steps.check('emergency/the-silent-go', () => judgeSilent(judged, play.triggered));
  await steps.check('emergency/the-living-stay-and-answer', () =>
    judgeLiving(judged, play.triggered, judged.cast.triggered.living.length, 1),
  );
  await steps.check('emergency/a-young-burst-is-removed-too', () => ({
    ok: play.burst.entry.admitted,
    message: `a user with ${rules.limit} silent connections of ${rules.limit}, all young, was refused instead of let in after a cleanup`,
    type: 'emergency-kept-silent',
    severity: 'critical',
    figures: {
      silent: judged.cast.burst.clients.length,
      tookMs: Math.round(play.burst.tookMs),
      ...(play.burst.entry.admitted ? { admitted: true } : refusalFigures(play.burst.entry.refusal)),
    },
  }));
  await checkClosed(judged);
}

function judgeCast({ cast, rules }: Judged): StepOutcome {
  const first = countHalf(cast.triggered);
  const second = countHalf(cast.byHand);
  const figures = {
    threshold: rules.threshold,
    first,
    second,
    burst: cast.burst.clients.length,
    full: cast.full.clients.length,
    calm: cast.calm.clients.length,
  };
  const isComplete =
    first === rules.threshold &&
    second === rules.threshold &&
    figures.burst === rules.limit &&
    figures.full === rules.limit &&
    figures.calm === rules.threshold - 1;
  const message = `not everybody below the limit of ${rules.limit} was admitted: ${first} and ${second} of ${rules.threshold}, ${figures.burst} of ${rules.limit}`;
  return { ok: isComplete, message, type: 'limit-undershoot', figures };
}

function countHalf({ silent, living, late }: Half): number {
  const { stalled, inattentive } = late;
  return [...silent, ...living, stalled, inattentive].filter((client) => client !== undefined).length;
}

function judgeSilent({ rules, loopDelayMs, play }: Judged, seen: HalfSeen): StepOutcome {
  const samples = seen.goneMs.map((elapsedMs, index) => ({ name: `silent ${index + 1}`, elapsedMs }));
  const withinMs = rules.probeTimeoutMs + rules.deadlineMs;
  // Whether a loop that stood still excuses it is asked of all steps, in one place.
  const outcome = judgeSamples(samples, withinMs, 0, {
    what: 'silent ones were gone',
    type: 'emergency-kept-silent',
  });
  return {
    ...outcome,
    severity: 'critical',
    isTimeless: false,
    figures: {
      ...outcome.figures,
      loopDelayMs: Math.round(loopDelayMs),
      triggeredAfterMs: Math.round(play.lateMs),
    },
  };
}

/** `more`: how many besides the living should be held, such as the one that was let in last. */
function judgeLiving({ rules }: Judged, seen: HalfSeen, living: number, more: number): StepOutcome {
  const { answering, livingGone, usage } = seen;
  const held = usage?.held ?? null;
  const figures = { living, answering, gone: livingGone, held, quietMs: rules.quietMs };
  const isRight = answering === living && livingGone === 0 && (held === null || held >= living + more);
  const message = `of ${living} living ones ${answering} answer, ${livingGone} lost their socket, and ${held ?? 'an unknown number'} are held instead of ${living + more}`;
  return { ok: isRight, message, type: 'emergency-removed-living', severity: 'critical', figures };
}

async function checkByHand(judged: Judged): Promise<void> {
  const { steps, play, cast, rules } = judged;
  const { byHand } = play;
  if (byHand === undefined) {
    steps.skip('emergency/reading-statistics-keeps-nobody-alive', 'not visible', NO_FACTORY);
    steps.skip('emergency/the-manual-run-does-the-same', 'not visible', NO_FACTORY);
    return;
  }
  const silent = cast.byHand.silent.length;
  const figures = {
    silent,
    reads: cast.readCount,
    asked: byHand.asked,
    answered: byHand.answered,
    removed: byHand.removed,
  };
  await steps.check('emergency/reading-statistics-keeps-nobody-alive', () => ({
    ok: byHand.asked >= silent && byHand.asked - byHand.answered === silent,
    message: `statistics were read ${cast.readCount} times, and then ${byHand.asked} were asked of whom ${byHand.answered} answered, although ${silent} had been silent for ${Math.round(rules.quietMs)} ms`,
    type: 'reading-changes-state',
    figures,
  }));
  await steps.check('emergency/the-manual-run-does-the-same', () => {
    if (byHand.removed !== silent) {
      const message = `runEmergencyCleanup(user) removed ${byHand.removed} instead of the ${silent} silent ones`;
      // Who asks nobody was not kept from it by a delay.
      const isTimeless = byHand.isAnswered && byHand.asked + byHand.removed === 0;
      return { ok: false, message, type: 'manual-cleanup-ineffective', severity: 'critical', isTimeless, figures };
    }
    const gone = judgeSilent(judged, byHand.seen);
    const outcome = gone.ok ? judgeLiving(judged, byHand.seen, cast.byHand.living.length, 0) : gone;
    return { ...outcome, figures: { ...outcome.figures, ...figures } };
  });
}

async function checkForced({ steps, play }: Judged): Promise<void> {
  const id = 'emergency/force-frees-exactly-as-many-as-needed';
  const { forced, before, after } = play;
  if (forced === undefined || before === undefined || after === undefined)
    return steps.skip(id, 'not visible', NO_FACTORY);
  const count = (stats: typeof after): number => stats.released.byReason['emergency:forced'] ?? 0;
  await steps.check(id, () => judgeForced(forced, count(after) - count(before)));
}

async function checkFigures(judged: Judged): Promise<void> {
  const steps = [
    ['emergency/the-figures-say-what-happened', judgeFigures],
    ['emergency/entering-and-leaving-is-told-once', judgeTold],
  ] as const;
  for (const [id, judge] of steps) {
    const outcome = judge(judged);
    if (outcome === undefined) judged.steps.skip(id, 'not visible', NO_FACTORY);
    else await judged.steps.check(id, () => outcome);
  }
}

async function checkReason({ steps, play, cast }: Judged): Promise<void> {
  const id = 'emergency/the-reason-is-emergency-silent';
  if (play.after === undefined || play.before === undefined) return steps.skip(id, 'not visible', NO_FACTORY);
  const released = silentReleases(play.after) - silentReleases(play.before);
  const expected = silentCount(cast);
  const otherwise = (play.after.released.byReason['silent'] ?? 0) - (play.before.released.byReason['silent'] ?? 0);
  await steps.check(id, () => ({
    ok: released === expected,
    message: `${released} were released with reason emergency:silent, ${expected} went silent`,
    type: 'emergency-wrong-reason',
    figures: { expected, released, releasedAsSilentOnly: otherwise },
  }));
}

async function checkCalm({ steps, play, rules }: Judged): Promise<void> {
  const { calm } = play;
  await steps.check('emergency/without-silent-ones-nobody-goes', () => {
    const { answering, livingGone, usage } = calm.living;
    const held = usage?.held ?? null;
    const isRight = answering === calm.clients && livingGone === 0 && (held === null || held >= calm.clients);
    const message = `nobody was silent, but of ${calm.clients} ${answering} answer, ${livingGone} lost their socket and ${held ?? 'an unknown number'} are held`;
    return {
      ok: isRight,
      message,
      type: 'emergency-removed-living',
      severity: 'critical',
      figures: { clients: calm.clients, answering, livingGone, held },
    };
  });
  await steps.check('emergency/the-limit-stays-the-limit', () => {
    const { above, atLimit, atLimitCount } = calm;
    const wrong = above.admitted ? 'it was admitted' : whatIsUndocumented(above.refusal, rules.limit);
    const figures = {
      limit: rules.limit,
      clients: atLimitCount,
      answering: atLimit.answering,
      held: atLimit.usage?.held ?? null,
      ...(above.admitted ? { admitted: true } : refusalFigures(above.refusal)),
    };
    if (wrong !== undefined)
      return {
        ok: false,
        message: `with ${rules.limit} living of ${rules.limit} one more came, and ${wrong}`,
        type: 'limit-overshoot',
        figures,
      };
    const isRight = atLimit.answering === atLimitCount && atLimit.livingGone === 0;
    const message = `of ${atLimitCount} living ones at the limit ${atLimit.answering} answer: somebody living made room`;
    return { ok: isRight, message, type: 'emergency-removed-living', severity: 'critical', figures };
  });
  if (calm.pending === 0 && calm.pendingRefused === undefined)
    return steps.skip('emergency/a-pending-one-stays', 'not visible', NO_FACTORY);
  await steps.check('emergency/a-pending-one-stays', () => {
    if (calm.pendingRefused !== undefined) {
      const message = `one without a socket was not admitted below the limit of ${rules.limit}: ${calm.pendingRefused}`;
      return { ok: false, message, type: 'limit-undershoot', figures: { refused: calm.pendingRefused } };
    }
    const held = calm.living.usage?.held ?? 0;
    const expected = calm.clients + calm.pending;
    const message = `${held} are held of ${calm.clients} connected and ${calm.pending} pending: the emergency cleanup removed one whose socket was still to come`;
    return {
      ok: held === expected,
      message,
      type: 'emergency-overreach',
      figures: { held, expected, pending: calm.pending },
    };
  });
}

async function checkUnattached({ steps, play, rules, context }: Judged): Promise<void> {
  const id = 'emergency/never-attached-ones-go-past-their-deadline';
  const { unattached } = play;
  if (context.inside?.factory === undefined) return steps.skip(id, 'not visible', NO_FACTORY);
  if (rules.pendingDeadlineMs === undefined || unattached === undefined) {
    return steps.skip(id, 'not promised', 'the server has no deadline by which a socket must be attached');
  }
  if (unattached.held > 0 && unattached.heldMs < rules.pendingDeadlineMs) {
    const note = `the deadline for attaching a socket is ${rules.pendingDeadlineMs / 1_000} s, longer than a check waits; a shorter one would show it`;
    return steps.skip(id, 'not visible', note);
  }
  await steps.check(id, () => ({
    ok: unattached.held === 0,
    message: `one to which no socket was attached is still held after ${Math.round(unattached.heldMs)} ms; its deadline was ${rules.pendingDeadlineMs} ms`,
    type: 'pending-undetected',
    figures: {
      held: unattached.held,
      heldMs: Math.round(unattached.heldMs),
      pendingDeadlineMs: rules.pendingDeadlineMs ?? null,
    },
  }));
}

async function checkClosed({ steps, play }: Judged): Promise<void> {
  const id = 'emergency/closing-all-closes-all';
  const { closed } = play;
  if (closed === undefined) return steps.skip(id, 'not visible', NO_FACTORY);
  await steps.check(id, () => {
    const withCode = closed.codes.filter((code) => code !== undefined).length;
    const figures = {
      sockets: closed.sockets,
      gone: closed.gone,
      withCode,
      codes: [...new Set(closed.codes)].join(', '),
      reports: closed.reports.length,
      held: closed.held,
    };
    const complete = closed.reports.filter(
      (report) =>
        report.user === closed.user &&
        report.reason === CLOSE_ALL_REASON &&
        report.socketGoneMs !== null &&
        report.deadlineMet,
    );
    const managers = new Set(complete.map(({ managerId }) => managerId)).size;
    const isRight =
      closed.gone === closed.sockets &&
      withCode === closed.sockets &&
      closed.held === 0 &&
      managers === closed.sockets &&
      closed.reports.length === closed.sockets;
    const message = `closeAllForUser on ${closed.sockets}: ${closed.reports.length} reported, ${managers} of them with user, reason and an end in time, ${closed.gone} sockets closed, ${withCode} with a code, ${closed.held} still held`;
    // It was done, and some are held all the same.
    const isTimeless = closed.heldWhenAnswered > 0;
    return { ok: isRight, message, type: 'manual-cleanup-ineffective', severity: 'critical', isTimeless, figures };
  });
}

function judgeBystander({ play, cast }: Judged): StepOutcome {
  const clients = cast.bystander.clients.length;
  const { answering, livingGone, usage } = play.bystander;
  const held = usage?.held ?? null;
  const isRight = clients > 0 && answering === clients && livingGone === 0 && (held === null || held === clients);
  const message = `another user had ${clients} living connections; now ${answering} answer, ${livingGone} lost their socket and ${held ?? 'an unknown number'} are held`;
  return {
    ok: isRight,
    message,
    type: 'other-user-affected',
    severity: 'critical',
    figures: { clients, answering, gone: livingGone, held },
  };
}
