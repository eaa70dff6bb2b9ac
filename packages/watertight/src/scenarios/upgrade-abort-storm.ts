import { countSocketsTogether } from '../evidence/server-socket.ts';
import { portOf } from '../target/url.ts';
import { asScenario } from './as-scenario.ts';

const FIRST_USER = 3_600;
const USER_COUNT = 3;
const LANE_COUNT = 8;
const ABORT_COUNT = 160;
const LONG_ABORT_COUNT = 3_000;
const BYSTANDER_COUNT = 3;
/** What a server opens once, or others open meanwhile, proves nothing. */
const MORE_ALLOWED = 2;

export const upgradeAbortStorm = asScenario({
  name: 'upgrade-abort-storm',
  purpose:
    'A hundred and sixty clients reset their connection in the middle of the upgrade: nothing is held for them, and everybody else is served.',
  steps: [
    {
      id: 'aborts/the-living-are-still-served',
      title: 'While 160 requests are sent and reset before their answer, those who were there before answer',
    },
    { id: 'aborts/the-next-is-admitted', title: 'After the storm each of its users is admitted by the deadline' },
    {
      id: 'aborts/nothing-is-held-for-the-aborted',
      title: 'Nothing is held, pending or closing for any of them by the deadline',
    },
    {
      id: 'aborts/no-socket-is-left',
      title: "The server's process has as many sockets as before; those of the aborted are gone",
    },
  ],
  maxSockets: LONG_ABORT_COUNT + USER_COUNT + BYSTANDER_COUNT,
  maxAtOnce: 60,
  maxSeconds: 6,
  async run(world, { drive, target }) {
    const { deadlineMs } = world;
    const users = Array.from({ length: USER_COUNT }, (_, index) => world.user(FIRST_USER + index));
    const bystanders = await world.fill(world.user(FIRST_USER + USER_COUNT), BYSTANDER_COUNT);
    const port = portOf(target.url);
    const countSockets = async (): Promise<number | undefined> => {
      const counts = await countSocketsTogether(target.pids, port);
      return counts && Object.values(counts).reduce((sum, count) => sum + count, 0);
    };
    const socketsBefore = await countSockets();
    const aborts = world.isLong ? LONG_ABORT_COUNT : ABORT_COUNT;
    let begun = 0;
    const lane = async (): Promise<void> => {
      while (begun < aborts) {
        world.signal.throwIfAborted();
        const user = users[begun % users.length] ?? '';
        begun += 1;
        await drive.abortInUpgrade(user);
      }
    };
    const [answering] = await Promise.all([
      world.countAnswering(bystanders),
      ...Array.from({ length: LANE_COUNT }, lane),
    ]);
    const afterwards = await world.countAnswering(bystanders);
    await world.check('aborts/the-living-are-still-served', () => ({
      ok: Math.min(answering, afterwards) === bystanders.length,
      message: `of ${bystanders.length} who were there before ${answering} answered during the storm and ${afterwards} after it`,
      type: 'unresponsive-connection',
      severity: 'critical',
      figures: { aborts, bystanders: bystanders.length, answering, afterwards },
    }));
    const held = async (): Promise<number | undefined> => {
      const usages = await Promise.all(users.map((user) => world.usage(user)));
      return usages[0] && usages.reduce((sum, usage) => sum + (usage?.held ?? 0) + (usage?.closing ?? 0), 0);
    };
    if ((await held()) === undefined)
      world.skip(
        'aborts/nothing-is-held-for-the-aborted',
        'not visible',
        'the server shows no factory that can be asked',
      );
    else
      await world.check('aborts/nothing-is-held-for-the-aborted', async () => {
        const { last, afterMs } = await world.until(held, (count) => count === 0, deadlineMs);
        return {
          ok: last === 0,
          message: `${aborts} upgrades were reset, and ${last ?? 0} are still held or closing ${deadlineMs} ms later`,
          type: 'managers-left',
          figures: { aborts, left: last ?? null, afterMs: Math.round(afterMs) },
        };
      });
    await world.check('aborts/the-next-is-admitted', async () => {
      const entries = await Promise.all(users.map((user) => world.enterWithin(user, deadlineMs)));
      const admitted = entries.filter((entry) => entry.admitted).length;
      await Promise.all(entries.flatMap((entry) => (entry.admitted ? [entry.client.end('close-frame')] : [])));
      return {
        ok: admitted === users.length,
        message: `${admitted} of ${users.length} users were admitted within ${deadlineMs} ms after ${aborts} aborted upgrades`,
        type: 'slot-not-reusable',
        severity: 'critical',
        figures: { aborts, users: users.length, admitted },
      };
    });
    if (socketsBefore === undefined)
      return world.skip('aborts/no-socket-is-left', 'not visible', "the server's process cannot be looked at");
    await world.check('aborts/no-socket-is-left', async () => {
      const { last } = await world.until(
        countSockets,
        (count) => (count ?? 0) <= socketsBefore + MORE_ALLOWED,
        2 * deadlineMs,
      );
      return {
        ok: (last ?? 0) <= socketsBefore + MORE_ALLOWED,
        message: `${(last ?? 0) - socketsBefore} sockets more than before are open ${2 * deadlineMs} ms after ${aborts} aborted upgrades`,
        type: 'sockets-left',
        figures: { before: socketsBefore, after: last ?? null, aborts },
      };
    });
  },
});
