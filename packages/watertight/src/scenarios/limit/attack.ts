import { spendRefusals } from '../shared/untold-refusals.ts';
import type { Steps } from '../steps.ts';
import type { ScenarioContext, StepDefinition, StepOutcome } from '../types.ts';

const ID = 'limit/refusals-under-attack-are-not-answered';

export const ATTACK_STEP: StepDefinition = {
  id: ID,
  title:
    'Where a server says how many refusals a second it answers (maxCloseRefusalsPerSecond, maxHttpRefusalsPerSecond), of more than that the rest are answered more cheaply, or lose their socket without a word',
};

const MS_PER_SECOND = 1_000;
/** A budget that is larger is not tried: more attempts than twice this are an attack of our own. */
const LARGEST_BUDGET = 200;
/** The same where a run was asked for the long way. */
const LARGEST_LONG_BUDGET = 1_000;

/** Nobody is attacked with more than twice as many. */
const LARGEST_ATTACK = 500;

/** Twice the budget may be answered where the attack falls into two seconds; what is above that may not. */
const attemptsAgainst = (perSecond: number): number => 2 * perSecond + 40;

/** Sockets that are opened at most. */
export const ATTACK_SOCKETS = attemptsAgainst(LARGEST_BUDGET);

/** The last that is looked at: whoever is refused now is none of the others'. `user` is at its limit. */
export async function checkAttack(context: ScenarioContext, steps: Steps, user: string): Promise<void> {
  const { inside } = context;
  const factory = inside?.factory;
  if (inside === undefined || factory === undefined)
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
    for (let sent = attemptsAgainst(perSecond); ; sent *= 2) {
      const seen = await attack(context, user, sent, { close, http });
      // Whatever comes next may be refused too, and wants to be told.
      spendRefusals(inside);
      if (seen !== undefined) return seen;
      if (sent > LARGEST_ATTACK)
        throw new Error(`even ${sent} attempts at once came too slowly to be more than ${perSecond} a second`);
    }
  });
}

/** `undefined` where they came so slowly that all of them may have been answered. */
async function attack(
  { drive }: ScenarioContext,
  user: string,
  sent: number,
  bounds: { readonly close: number; readonly http: number },
): Promise<StepOutcome | undefined> {
  const startedAtMs = performance.now();
  const attempts = await drive.connectAtOnce(user, sent);
  const tookMs = performance.now() - startedAtMs;
  // As many seconds as they can have fallen into.
  const seconds = 1 + Math.ceil(tookMs / MS_PER_SECOND);
  const perSecond = bounds.close + bounds.http;
  for (const attempt of attempts) if (attempt.admitted) attempt.client.dispose();
  const refused = attempts.filter((attempt) => !attempt.admitted);
  const byHttp = refused.filter(({ httpStatus }) => httpStatus !== undefined).length;
  const byClose = refused.filter(
    ({ closeCode, httpStatus }) => closeCode !== undefined && httpStatus === undefined,
  ).length;
  const answered = byHttp + byClose;
  // How long it took is in what is allowed.
  const isTimeless = byHttp > bounds.http * seconds || byClose > bounds.close * seconds;
  if (!isTimeless && perSecond * seconds >= sent && answered === refused.length) return undefined;
  const figures = {
    sent,
    admitted: sent - refused.length,
    answered,
    byClose,
    unanswered: refused.length - answered,
    perSecond,
    tookMs: Math.round(tookMs),
  };
  const message = `of ${sent} attempts at once within ${Math.round(tookMs)} ms ${answered} were refused in full, ${byClose} of them by a close, although at most ${perSecond} a second are to be, and ${bounds.close} of them by a close`;
  return { ok: !isTimeless && answered > 0, message, type: 'refusal-undocumented', isTimeless, figures };
}
