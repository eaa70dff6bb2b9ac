import { withinMs } from '../../evidence/poll.ts';
import type { Steps } from '../steps.ts';
import type { ScenarioContext } from '../types.ts';

const OVERRIDE = 'limit/an-override-holds-at-once';
const TAKE_OVER = 'limit/a-session-takes-its-own-place-over';
const PATIENCE_MS = 2_000;
/** See `OVERRIDE_LIMITS`. */
const OVERRIDDEN_LIMIT = 2;

/** Limits of single users that change while the server runs, and sessions that come back. */
export async function checkPolicies({ drive, inside }: ScenarioContext, steps: Steps): Promise<void> {
  const factory = inside?.factory;
  if (factory === undefined) {
    for (const id of [OVERRIDE, TAKE_OVER])
      steps.skip(id, 'not visible', 'only a factory that can be asked has overrides and sessions');
    return;
  }
  const { sessionTakeover, maxManagersPerUser } = factory.options;
  // Two are still there when the override is taken back.
  const cleared = maxManagersPerUser !== false && maxManagersPerUser <= OVERRIDDEN_LIMIT ? 'user-limit' : 'admitted';
  // Two users, at the same time.
  const overriding = withinMs(factory.overrideLimits(drive.userId(1_105)), PATIENCE_MS);
  const takingOver = sessionTakeover ? withinMs(factory.takeSessionOver(drive.userId(1_106)), PATIENCE_MS) : undefined;
  // It may fail while the other is looked at.
  takingOver?.catch(() => undefined);
  await steps.check(OVERRIDE, async () => {
    const seen = await overriding;
    const isRight =
      seen?.raised === 'admitted, admitted, user-limit' &&
      seen.banned === 'banned' &&
      seen.heldWhileBanned === OVERRIDDEN_LIMIT &&
      seen.cleared === cleared &&
      seen.overridesLeft === 0 &&
      (seen.endless === null || seen.endless === 'admitted, admitted');
    const message =
      seen === undefined
        ? `admissions of a user with an override were not answered within ${PATIENCE_MS} ms`
        : `with an override of ${OVERRIDDEN_LIMIT}: ${seen.raised}; with 0: ${seen.banned}, ${seen.heldWhileBanned} of ${OVERRIDDEN_LIMIT} still held; without: ${seen.cleared}, where ${cleared} is right, ${seen.overridesLeft} overrides left; with one of Infinity, where the usual limit is 1: ${seen.endless ?? 'not tried'}`;
    return { ok: isRight, message, type: 'limit-not-enforced', figures: { ...seen } };
  });
  if (takingOver === undefined)
    return steps.skip(TAKE_OVER, 'not promised', 'a session that comes back counts as another one (sessionTakeover)');
  await steps.check(TAKE_OVER, async () => {
    const seen = await takingOver;
    const isRight =
      seen?.again === 'admitted' && seen.other === 'user-limit' && seen.held === 1 && seen.first === 'taken-over';
    const message =
      seen === undefined
        ? `a session that came back was not answered within ${PATIENCE_MS} ms`
        : `a session that came back at a limit of 1: ${seen.again}; its predecessor: ${seen.first}; another session: ${seen.other}; ${seen.held} held`;
    return { ok: isRight, message, type: 'wrong-held-count', figures: { ...seen } };
  });
}
