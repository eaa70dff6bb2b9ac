import { excuseClosedAlike } from './closed-alike.ts';
import type { Played } from './habits.ts';
import type { LivingSeen } from '../emergency/living.ts';
import { refusalFigures, wasAnswered, whatIsUndocumented } from '../shared/refusal.ts';
import { proveAboveLimit } from '../shared/above-limit.ts';
import { whyNotFilled } from '../shared/room-for.ts';
import { excuseRefused, excuseTurnedAway } from '../shared/turned-away.ts';
import type { Steps } from '../steps.ts';
import type { ScenarioContext, StepOutcome } from '../types.ts';
import type { ViolationType } from '../../verdict/violation-types.ts';

/** Judges what came of each habit. */
export async function checkHabits(context: ScenarioContext, steps: Steps, played: Played): Promise<void> {
  await steps.check('comprehensive/everybody-is-admitted', () => {
    const missing = Object.entries(played.admitted).filter(([, { meant, got }]) => got !== meant);
    const figures = Object.fromEntries(Object.entries(played.admitted).map(([who, { got }]) => [who, got]));
    const message = missing.map(([who, { meant, got }]) => `${got} of ${meant} of the ${who} were admitted`).join(', ');
    if (missing.length > 0) excuseRefused(context.promises, played.turnedAway, message);
    return { ok: missing.length === 0, message, type: 'limit-undershoot', figures };
  });
  await steps.check('comprehensive/closing-tabs-leaves-the-others', () =>
    judgeLiving(played.tabs, played.tabsOpen.length, 'tabs that stayed open', 'unresponsive-connection'),
  );
  await steps.check('comprehensive/reconnecting-is-never-refused', () => {
    const { cycles, meant, admitted, served, aborted, turnedAway, firstFailure } = played.storm;
    const message = `of ${meant} reconnects ${admitted} were admitted and ${served} answered; the first that was not: ${firstFailure ?? 'unknown'}`;
    excuseTurnedAway(context.promises, turnedAway > 0 && meant - served === turnedAway, message);
    return {
      ok: admitted === meant && served === meant,
      message,
      type: 'slot-not-reusable',
      figures: { cycles, aborted, admitted, served },
    };
  });
  await checkSlowReader(context, steps, played);
  await checkFull(context, steps, played);
  await checkEmergency(steps, played);
  await steps.check('comprehensive/the-bystander-is-untouched', async () => {
    const outcome = judgeLiving(
      played.bystander,
      played.bystanders.length,
      'idle connections of a bystander',
      'other-user-affected',
    );
    if (!outcome.ok) await excuseClosedAlike(context, played, outcome.message ?? '');
    return outcome;
  });
}

function judgeLiving(
  { answering, livingGone, closes, usage }: LivingSeen,
  expected: number,
  what: string,
  type: ViolationType,
): StepOutcome {
  const held = usage?.held ?? null;
  const isRight = answering === expected && livingGone === 0 && (held === null || held === expected);
  const message = `of ${expected} ${what} ${answering} answer, ${livingGone} lost their socket and ${held ?? 'an unknown number'} are held`;
  const told = [...new Set(closes)].join(', ');
  return {
    ok: isRight,
    message: told === '' ? message : `${message}; the server closed ${closes.length} of them with ${told}`,
    type,
    severity: 'critical',
    figures: { expected, answering, gone: livingGone, held },
  };
}

async function checkSlowReader({ promises }: ScenarioContext, steps: Steps, { slow }: Played): Promise<void> {
  const id = 'comprehensive/a-slow-reader-is-kept';
  const silence = promises.silenceDetectedWithinMs;
  if (silence.by === 'nobody')
    return steps.skip(id, 'not promised', 'nobody said for how long a peer may be silent (--silence)');
  if (slow.stalledMs > silence.value / 2) {
    return steps.skip(
      id,
      'inconclusive',
      `we were too slow ourselves: the reader stalled for ${Math.round(slow.stalledMs)} ms; repeat on a less busy machine`,
    );
  }
  // `--silence` says by when who stalls has to be noticed; only a server that promised it itself says that nobody is before.
  if (silence.by !== 'target' && slow.living.livingGone > 0) {
    const note = `${slow.living.livingGone} of ${slow.clients.length} readers that stalled for ${Math.round(slow.stalledMs)} ms lost their socket: nobody said that a peer is kept for as long`;
    return steps.skip(id, 'not promised', note);
  }
  await steps.check(id, () => {
    const outcome = judgeLiving(
      slow.living,
      slow.clients.length,
      `readers that stalled for ${Math.round(slow.stalledMs)} ms`,
      'unresponsive-connection',
    );
    return {
      ...outcome,
      figures: { ...outcome.figures, stalledMs: Math.round(slow.stalledMs), silenceDetectedWithinMs: silence.value },
    };
  });
}

async function checkFull(
  { promises }: ScenarioContext,
  steps: Steps,
  { full, refusals, above }: Played,
): Promise<void> {
  const id = 'comprehensive/the-user-at-the-limit-is-refused';
  const { limit } = promises;
  if (limit.by === 'nobody')
    return steps.skip(id, 'not promised', 'nobody said how many connections a user may have (--limit)');
  const notFilled = whyNotFilled(limit.value);
  if (notFilled !== undefined) return steps.skip(id, 'not visible', notFilled);
  if (full.length === 0)
    return steps.skip(id, 'inconclusive', 'nobody was admitted of the user who was to be at the limit');
  await steps.check(id, async () => {
    const wrong = refusals.find((refusal) => whatIsUndocumented(refusal, limit.value) !== undefined);
    const figures = {
      limit: limit.value,
      admitted: full.length + above.length,
      refused: refusals.filter(wasAnswered).length,
    };
    if (above.length > 0) {
      const message = `a user with ${limit.value} of ${limit.value} got ${above.length} more in`;
      await proveAboveLimit(message, { limit: limit.value, clients: [...full, ...above] });
      return { ok: false, message, type: 'limit-not-enforced', severity: 'critical', isTimeless: true, figures };
    }
    const why = wrong === undefined ? '' : whatIsUndocumented(wrong, limit.value);
    return {
      ok: wrong === undefined,
      message: `an attempt at the limit was refused, but ${why}`,
      type: 'refusal-undocumented',
      figures,
    };
  });
}

async function checkEmergency(steps: Steps, { rules, emergency, vanished, vanishedAtMs }: Played): Promise<void> {
  const id = 'comprehensive/the-emergency-takes-only-the-vanished';
  if ('status' in rules) return steps.skip(id, rules.status, rules.note);
  if (emergency === undefined) return steps.skip(id, 'inconclusive', 'no emergency was due');
  const triggeredAfterMs = Math.round(emergency.startedAtMs - vanishedAtMs);
  if (triggeredAfterMs > rules.ordinaryMs - rules.probeTimeoutMs) {
    const note = `the emergency came ${triggeredAfterMs} ms after the others vanished, when ordinary removal could begin; repeat on a less busy machine`;
    return steps.skip(id, 'inconclusive', note);
  }
  await steps.check(id, () => {
    const { entry, goneCount, living, livingCount } = emergency;
    const figures = {
      vanished: vanished.length,
      gone: goneCount,
      living: livingCount,
      answering: living.answering,
      held: living.usage?.held ?? null,
      triggeredAfterMs,
    };
    if (!entry.admitted) {
      const message = `number ${rules.threshold + 1} of a user half of whose connections vanished was refused`;
      return {
        ok: false,
        message,
        type: 'limit-undershoot',
        figures: { ...figures, ...refusalFigures(entry.refusal) },
      };
    }
    if (goneCount < vanished.length) {
      const message = `${vanished.length} vanished, ${goneCount} of them were removed within ${rules.probeTimeoutMs + rules.deadlineMs} ms of the emergency`;
      return { ok: false, message, type: 'emergency-kept-silent', severity: 'critical', figures };
    }
    const isRight =
      living.answering === livingCount &&
      living.livingGone === 0 &&
      (figures.held === null || figures.held === livingCount + 1);
    const message = `of ${livingCount} living ones ${living.answering} answer, ${living.livingGone} lost their socket, and ${figures.held ?? 'an unknown number'} are held instead of ${livingCount + 1}`;
    return { ok: isRight, message, type: 'emergency-removed-living', severity: 'critical', figures };
  });
}
