import type { ResolvedOptions } from '@watertight/server';
import type { Steps } from '../steps.ts';
import type { ScenarioContext, StepDefinition } from '../types.ts';

const ID = 'limit/refusals-under-attack-are-not-answered';

export const ATTACK_STEP: StepDefinition = {
  id: ID,
  title:
    'Where a server says how many refusals a second it answers (maxHttpRefusalsPerSecond), of more than that the rest lose their socket without a word',
};

/** More attempts than this are an attack of our own. */
const LARGEST_BUDGET = 200;

/** Twice the budget may be answered where the attack falls into two seconds; what is above that may not. */
const attemptsAgainst = (perSecond: number): number => 2 * perSecond + 40;

/** The last that is looked at: whoever is refused now is none of the others'. `user` is at its limit. */
export async function checkAttack(context: ScenarioContext, steps: Steps, user: string): Promise<void> {
  const factory = context.inside?.factory;
  if (factory === undefined)
    return steps.skip(ID, 'not visible', 'only a factory that can be asked says how many refusals it answers');
  const perSecond = budgetOf(factory.options);
  if (perSecond === undefined)
    return steps.skip(ID, 'not promised', 'the server does not say how many refusals a second it answers');
  if (perSecond > LARGEST_BUDGET)
    return steps.skip(
      ID,
      'inconclusive',
      `to see more than ${perSecond} refusals a second takes an attack; lower the bound`,
    );
  await steps.check(ID, async () => {
    const sent = attemptsAgainst(perSecond);
    const attempts = await context.drive.connectAtOnce(user, sent);
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
    };
    const message = `of ${sent} attempts at once ${answered} were refused in full, although at most ${perSecond} a second are to be`;
    return { ok: answered <= 2 * perSecond && answered > 0, message, type: 'refusal-undocumented', figures };
  });
}

/** Only some factories tell what their adapter does. */
function budgetOf(options: ResolvedOptions): number | undefined {
  const told: unknown = Object.entries(options).find(([name]) => name === 'maxHttpRefusalsPerSecond')?.[1];
  return typeof told === 'number' ? told : undefined;
}
