import { setTimeout as delay } from 'node:timers/promises';
import type { Steps } from '../steps.ts';
import type { ScenarioContext, StepDefinition } from '../types.ts';

const ID = 'limit/refusals-under-attack-are-not-answered';

export const ATTACK_STEP: StepDefinition = {
  id: ID,
  title:
    'Where a server says how many refusals a second it answers (maxHttpRefusalsPerSecond), of more than that the rest lose their socket without a word',
};

const MS_PER_SECOND = 1_000;
/** A budget that is larger is not tried: more attempts than twice this are an attack of our own. */
const LARGEST_BUDGET = 200;
/** The same where a run was asked for the long way. */
const LARGEST_LONG_BUDGET = 1_000;

/** Twice the budget may be answered where the attack falls into two seconds; what is above that may not. */
const attemptsAgainst = (perSecond: number): number => 2 * perSecond + 40;

/** Sockets that are opened at most. */
export const ATTACK_SOCKETS = attemptsAgainst(LARGEST_BUDGET);

/** The last that is looked at: whoever is refused now is none of the others'. `user` is at its limit. */
export async function checkAttack(context: ScenarioContext, steps: Steps, user: string): Promise<void> {
  const factory = context.inside?.factory;
  if (factory === undefined)
    return steps.skip(ID, 'not visible', 'only a factory that can be asked says how many refusals it answers');
  const { close, http } = (await factory.stats()).refusalBudget;
  if (close === null || http === null)
    return steps.skip(ID, 'not promised', 'the server does not say how many refusals a second it answers');
  const perSecond = close + http;
  if (perSecond > (context.isLong === true ? LARGEST_LONG_BUDGET : LARGEST_BUDGET))
    return steps.skip(
      ID,
      'not visible',
      `that of more than ${perSecond} refusals a second the rest is not answered takes ${attemptsAgainst(perSecond)} sockets at once to see; a bound of at most ${LARGEST_BUDGET} (maxHttpRefusalsPerSecond) would show it, or up to ${LARGEST_LONG_BUDGET} with --long`,
    );
  await steps.check(ID, async () => {
    const sent = attemptsAgainst(perSecond);
    const startedAtMs = performance.now();
    const attempts = await context.drive.connectAtOnce(user, sent);
    const tookMs = performance.now() - startedAtMs;
    // As many seconds as they can have fallen into.
    const allowed = perSecond * (1 + Math.ceil(tookMs / MS_PER_SECOND));
    const refused = attempts.filter((attempt) => !attempt.admitted);
    const answered = refused.filter(
      (attempt) => attempt.httpStatus !== undefined || attempt.closeCode !== undefined,
    ).length;
    const figures = {
      sent,
      admitted: sent - refused.length,
      answered,
      unanswered: refused.length - answered,
      perSecond,
      tookMs: Math.round(tookMs),
    };
    if (allowed >= sent && answered === refused.length)
      throw new Error(
        `${sent} attempts at once took ${Math.round(tookMs)} ms, in which ${allowed} may be answered; repeat on a less busy machine`,
      );
    const message = `of ${sent} attempts at once within ${Math.round(tookMs)} ms ${answered} were refused in full, although at most ${perSecond} a second are to be`;
    return { ok: answered <= allowed && answered > 0, message, type: 'refusal-undocumented', figures };
  });
  // Whatever comes next may be refused too, and wants to be told.
  if (!context.bail) await delay(MS_PER_SECOND, undefined, { signal: context.signal });
}
