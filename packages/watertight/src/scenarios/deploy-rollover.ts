import { asScenario } from './as-scenario.ts';
import { CopyCrowd, countTold, NOT_OURS } from './shared/copy-crowd.ts';
import { roomFor } from './shared/room-for.ts';
import type { StepDefinition } from './types.ts';

const FIRST_USER = 4_000;
const USER_COUNT = 4;
const PER_USER = 2;
/** From SIGTERM to the old version until it is gone, at most; some drain for longer, which a check does not wait for. */
const GONE_WITHIN_MS = 4_000;

const STEPS: readonly StepDefinition[] = [
  {
    id: 'rollover/both-versions-serve',
    title: 'The old version serves its clients while the new one starts beside it and admits others',
  },
  {
    id: 'rollover/the-old-one-tells-its-clients',
    title:
      'On SIGTERM the old version says goodbye with a close code, so that clients know that coming back makes sense',
  },
  {
    id: 'rollover/everybody-moves-over',
    title: 'Everybody whom the old version let go is admitted and answered by the new one',
  },
  { id: 'rollover/the-old-one-is-gone', title: 'The process of the old version is gone, and no client hangs on it' },
  { id: 'rollover/the-new-one-goes-on', title: 'All of it harmed nobody who was at the new version from the start' },
];

export const deployRollover = asScenario({
  name: 'deploy-rollover',
  purpose:
    'Two versions side by side: the old one hands over to the new one, nobody is left hanging, and nobody is refused on the way.',
  steps: STEPS,
  maxSockets: 4 * USER_COUNT * PER_USER,
  looksAt: 'copies',
  maxSeconds: 8,
  async run(world, context) {
    if (context.copies === undefined) {
      for (const { id } of STEPS) world.skip(id, 'not visible', NOT_OURS);
      return;
    }
    const perUser = roomFor(PER_USER, world.limit);
    const users = Array.from({ length: USER_COUNT }, (_, index) => world.user(FIRST_USER + index));
    const before = await CopyCrowd.start(context);
    let after: CopyCrowd | undefined;
    try {
      const olds = (await Promise.all(users.map((user) => before.crowd.fill(user, perUser)))).flat();
      after = await CopyCrowd.start(context, { isNext: true });
      const next = after;
      const early = await next.crowd.fill(world.user(FIRST_USER + USER_COUNT), perUser);
      await world.check('rollover/both-versions-serve', async () => {
        const [oldAnswering, newAnswering] = [await world.countAnswering(olds), await world.countAnswering(early)];
        const isComplete = olds.length === perUser * users.length && early.length === perUser;
        return {
          ok: isComplete && oldAnswering === olds.length && newAnswering === early.length,
          message: `side by side the old version answers ${oldAnswering} of ${perUser * users.length} clients and the new one ${newAnswering} of ${perUser}`,
          type: 'unresponsive-connection',
          figures: { old: olds.length, oldAnswering, new: early.length, newAnswering },
        };
      });
      const sentAtMs = before.signal('SIGTERM');
      const released = olds.map(async (client) => {
        const gone = await client.gone(GONE_WITHIN_MS);
        const entry = gone === undefined ? undefined : await next.crowd.enterWithin(client.user, world.deadlineMs);
        return { client, isGone: gone !== undefined, entry };
      });
      const seen = await Promise.all(released);
      const gone = seen.filter(({ isGone }) => isGone);
      const told = countTold(olds);
      if (told === 0 && context.inside?.factory === undefined)
        world.skip(
          'rollover/the-old-one-tells-its-clients',
          'not promised',
          'the server ends without a close frame; it has no @watertight/server whose close() would send one',
        );
      else
        await world.check('rollover/the-old-one-tells-its-clients', () => ({
          ok: told === olds.length,
          message: `${told} of ${olds.length} clients of the old version were told by a close frame; the others saw a connection that broke`,
          type: 'promise-broken',
          figures: { clients: olds.length, told, code: olds[0]?.closedByServer?.code ?? null },
        }));
      await world.check('rollover/everybody-moves-over', async () => {
        const moved = gone.flatMap(({ entry }) => (entry?.admitted === true ? [entry.client] : []));
        const answering = await world.countAnswering(moved);
        return {
          ok: gone.length > 0 && moved.length === gone.length && answering === moved.length,
          message: `the old version let go of ${gone.length} of ${olds.length}: ${moved.length} of them were admitted by the new one, and ${answering} answered`,
          type: 'slot-not-reusable',
          severity: 'critical',
          figures: { letGo: gone.length, moved: moved.length, answering },
        };
      });
      const { reached } = await world.until(
        () => before.isOver,
        (isOver) => isOver,
        Math.max(0, sentAtMs + GONE_WITHIN_MS - performance.now()),
      );
      const afterMs = Math.round(performance.now() - sentAtMs);
      if (!reached && gone.length > 0 && gone.length < olds.length)
        world.skip(
          'rollover/the-old-one-is-gone',
          'inconclusive',
          `it has let go of ${gone.length} of ${olds.length} after ${afterMs} ms: it is draining, for longer than a check waits`,
        );
      else
        await world.check('rollover/the-old-one-is-gone', () => ({
          ok: reached && gone.length === olds.length,
          message: reached
            ? `the old version is gone, and ${olds.length - gone.length} of its clients have not noticed`
            : `${afterMs} ms after SIGTERM the old version is there, and has let go of ${gone.length} of ${olds.length} clients`,
          type: reached ? 'sockets-left' : 'processes-left',
          severity: 'critical',
          figures: { afterMs, letGo: gone.length, clients: olds.length },
        }));
      await world.check('rollover/the-new-one-goes-on', async () => {
        const answering = await world.countAnswering(early);
        return {
          ok: answering === early.length,
          message: `${answering} of ${early.length} who were at the new version before still answer`,
          type: 'other-user-affected',
          figures: { clients: early.length, answering },
        };
      });
    } finally {
      await Promise.all([before.end(), after?.end()]);
    }
  },
});
