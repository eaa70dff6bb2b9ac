import { asScenario } from './as-scenario.ts';
import type { Entry } from './define-scenario.ts';
import { Crowd } from './shared/crowd.ts';
import { whatIsUndocumented } from './shared/refusal.ts';
import { roomFor } from './shared/room-for.ts';
import type { ScenarioContext } from './types.ts';

const USER = 3_100;
const BURST_COUNT = 25;
const PER_SECOND = 15;
const EVERY_MS = 1_000 / PER_SECOND;
const DROPS = ['rst', 'fin', 'close-frame'] as const;

export const coldStartBurst = asScenario({
  name: 'cold-start-burst',
  purpose:
    'A process that has just started takes a burst of 25 connections at 15/s, loses all of them, and admits the next at once.',
  steps: [
    {
      id: 'cold/the-process-has-just-started',
      title: 'The burst goes to a process that was started for it and has served nobody before',
    },
    {
      id: 'cold/the-burst-is-admitted-up-to-the-limit',
      title:
        '25 connections of one user at 15 a second: as many as the limit allows (20) are admitted, no fewer, no more',
    },
    { id: 'cold/the-others-are-refused-properly', title: 'Those above the limit get a documented refusal' },
    {
      id: 'cold/the-next-is-admitted-at-once',
      title: 'All of them drop in the same moment (RST, FIN, close frame): the next is admitted by the deadline',
    },
    {
      id: 'cold/all-places-are-free-again',
      title: 'Not only one place: as many as were admitted before are admitted again by the deadline',
    },
  ],
  maxSockets: 60,
  looksAt: 'users',
  maxSeconds: 6,
  async run(world, context) {
    const fresh = await startFresh(context);
    const drive = 'copy' in fresh ? fresh.copy.openDrive() : context.drive;
    const crowd = new Crowd({ ...context, drive });
    try {
      if ('copy' in fresh)
        await world.check('cold/the-process-has-just-started', () => ({
          ok: true,
          figures: { pid: fresh.copy.target.pid ?? null, afterStartMs: Math.round(performance.now() - fresh.atMs) },
        }));
      else world.skip('cold/the-process-has-just-started', 'not visible', fresh.why);
      const user = world.user(USER);
      const attempts: Promise<Entry>[] = [];
      for (let count = 0; count < BURST_COUNT; count += 1) {
        if (count > 0) await world.pause(EVERY_MS);
        attempts.push(crowd.enter(user));
      }
      const entries = await Promise.all(attempts);
      const inside = entries.flatMap((entry) => (entry.admitted ? [entry.client] : []));
      const expected = roomFor(BURST_COUNT, world.limit);
      await world.check('cold/the-burst-is-admitted-up-to-the-limit', () => ({
        ok: inside.length === expected,
        message: `of ${BURST_COUNT} connections at ${PER_SECOND}/s ${inside.length} were admitted, ${expected} should have been`,
        type: inside.length > expected ? 'limit-overshoot' : 'limit-undershoot',
        severity: 'critical',
        figures: { attempted: BURST_COUNT, admitted: inside.length, expected },
      }));
      if (world.limit === undefined || world.limit >= BURST_COUNT)
        world.skip('cold/the-others-are-refused-properly', 'not promised', 'the burst stays below the limit');
      else
        await world.check('cold/the-others-are-refused-properly', () => {
          const limit = world.limit ?? 0;
          const wrong = entries.flatMap((entry) =>
            entry.admitted ? [] : (whatIsUndocumented(entry.refusal, limit) ?? []),
          );
          return {
            ok: wrong.length === 0,
            message: `${wrong.length} of ${BURST_COUNT - inside.length} refusals are wrong, the first: ${wrong[0] ?? ''}`,
            type: 'refusal-undocumented',
            figures: { refused: BURST_COUNT - inside.length, wrong: wrong.length },
          };
        });
      await Promise.all(inside.map((client, index) => client.end(DROPS[index % DROPS.length] ?? 'rst')));
      const droppedAtMs = performance.now();
      const first = await crowd.enterWithin(user, world.deadlineMs);
      const afterMs = Math.round(performance.now() - droppedAtMs);
      await world.check('cold/the-next-is-admitted-at-once', () => ({
        ok: first.admitted,
        message: `${inside.length} connections dropped at once, and the next was still refused ${afterMs} ms later`,
        type: 'slot-not-reusable',
        severity: 'critical',
        figures: { dropped: inside.length, afterMs, deadlineMs: world.deadlineMs },
      }));
      await world.check('cold/all-places-are-free-again', async () => {
        const missing = inside.length - (first.admitted ? 1 : 0);
        let back = 0;
        await world.until(
          async () => (back += (await crowd.fill(user, missing - back)).length),
          (count) => count >= missing,
          world.deadlineMs,
        );
        return {
          ok: back === missing,
          message: `${back} of ${missing} places that had been given back were free ${world.deadlineMs} ms later`,
          type: 'slot-not-reusable',
          figures: { missing, back },
        };
      });
    } finally {
      crowd.dispose();
      if ('copy' in fresh) {
        await drive.dispose();
        await fresh.copy.target.end();
      }
    }
  },
});

type Fresh =
  | { readonly copy: Awaited<ReturnType<NonNullable<ScenarioContext['copies']>['start']>>; readonly atMs: number }
  | { readonly why: string };

async function startFresh({ copies }: ScenarioContext): Promise<Fresh> {
  if (copies === undefined)
    return { why: 'the server was not started by us, so that the burst goes to one that has been running' };
  try {
    const copy = await copies.start();
    return { copy, atMs: performance.now() };
  } catch (error) {
    return { why: error instanceof Error ? error.message : String(error) };
  }
}
