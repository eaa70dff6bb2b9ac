import type { Client } from '../drive/types.ts';
import { asScenario } from './as-scenario.ts';
import { shuffled } from './shared/shuffled.ts';
import { LARGEST_SITUATION_LIMIT, roomFor } from './shared/room-for.ts';

const USER = 3_000;
const TAB_COUNT = 8;
const TAB_EVERY_MS = 100;
const CLOSINGS = ['close-frame', 'fin', 'rst'] as const;

export const browserMultiTab = asScenario({
  name: 'browser-multi-tab',
  purpose:
    'Eight tabs of one browser, one session: closing three of them lets go of exactly these three, and the other five go on.',
  steps: [
    { id: 'tabs/eight-tabs-are-admitted', title: 'Eight tabs of one browser, 100 ms apart, are admitted and answer' },
    {
      id: 'tabs/the-closed-ones-are-let-go',
      title: 'Three tabs taken at random close (close frame, FIN, RST): their sockets are gone by the deadline',
    },
    { id: 'tabs/the-others-go-on', title: 'The other five answer, although a tab of the same session has just closed' },
    {
      id: 'tabs/five-are-held',
      title: 'The server itself says that as many are held as tabs are open, not one more and not one less',
    },
    {
      id: 'tabs/three-reopened-tabs-fit',
      title: 'Seen from outside: three tabs are opened again and admitted by the deadline',
    },
    {
      id: 'tabs/exactly-the-limit-fits',
      title:
        'With all eight open again exactly as many more fit as the limit leaves (20 - 8 = 12), and the next is refused',
    },
    { id: 'tabs/a-closed-browser-leaves-nothing', title: 'The browser is quit: nothing of its user is held any more' },
  ],
  maxSockets: TAB_COUNT + CLOSINGS.length + LARGEST_SITUATION_LIMIT + 1,
  isGentle: true,
  looksAt: 'users',
  maxSeconds: 3,
  async run(world) {
    const { deadlineMs, limit } = world;
    const user = world.user(USER);
    const session = `browser-${Math.floor(world.random() * 1e9)}`;
    const openTabs = async (count: number): Promise<Client[]> => {
      const opened: Client[] = [];
      for (let tab = 0; tab < count; tab += 1) {
        if (tab > 0) await world.pause(TAB_EVERY_MS);
        const entry = await world.enter(user, { session });
        if (entry.admitted) opened.push(entry.client);
      }
      return opened;
    };
    const tabCount = roomFor(TAB_COUNT, limit);
    const tabs = await openTabs(tabCount);
    await world.check('tabs/eight-tabs-are-admitted', () => ({
      ok: tabs.length === tabCount,
      message: `${tabs.length} of ${tabCount} tabs of one browser were admitted`,
      type: 'limit-undershoot',
      figures: { tabs: tabCount, admitted: tabs.length },
    }));
    const order = shuffled(tabs, () => world.random());
    const closing = order.slice(0, Math.min(CLOSINGS.length, Math.max(0, tabs.length - 1)));
    const open = order.slice(closing.length);
    await Promise.all(closing.map((tab, index) => tab.end(CLOSINGS[index] ?? 'fin')));
    await world.check('tabs/the-closed-ones-are-let-go', async () => {
      // After a reset nothing can be seen on the wire.
      const visible = closing.slice(0, 2);
      const gone = await world.countGone(visible, deadlineMs);
      return {
        ok: gone === visible.length,
        message: `${gone} of ${visible.length} sockets of closed tabs were gone ${deadlineMs} ms after they closed`,
        type: 'slow-socket-close',
        figures: { closed: visible.length, gone, deadlineMs },
      };
    });
    await world.check('tabs/the-others-go-on', async () => {
      const answering = await world.countAnswering(open);
      return {
        ok: answering === open.length,
        message: `${closing.length} tabs closed, and ${answering} of the ${open.length} that are open answer a ping`,
        type: 'living-removed',
        severity: 'critical',
        figures: { open: open.length, answering },
      };
    });
    if ((await world.usage(user)) === undefined)
      world.skip('tabs/five-are-held', 'not visible', 'the server shows no factory that can be asked');
    else
      await world.check('tabs/five-are-held', async () => {
        const { last } = await world.until(
          () => world.usage(user),
          (usage) => usage?.held === open.length,
          deadlineMs,
        );
        const held = last?.held ?? 0;
        return {
          ok: held === open.length,
          message: `${open.length} tabs are open, and the server holds ${held}`,
          type: 'wrong-held-count',
          figures: { open: open.length, held },
        };
      });
    const reopened: Client[] = [];
    await world.check('tabs/three-reopened-tabs-fit', async () => {
      for (const _ of closing) {
        const entry = await world.enterWithin(user, deadlineMs);
        if (entry.admitted) reopened.push(entry.client);
      }
      return {
        ok: reopened.length === closing.length,
        message: `${reopened.length} of ${closing.length} reopened tabs were admitted within ${deadlineMs} ms each`,
        type: 'slot-not-reusable',
        figures: { closed: closing.length, reopened: reopened.length },
      };
    });
    const others: Client[] = [];
    if (limit === undefined || limit > LARGEST_SITUATION_LIMIT)
      world.skip(
        'tabs/exactly-the-limit-fits',
        'not promised',
        limit === undefined
          ? 'nobody said how many connections a user may have (--limit)'
          : `a limit of ${limit} is more than the ${LARGEST_SITUATION_LIMIT} that are filled here`,
      );
    else
      await world.check('tabs/exactly-the-limit-fits', async () => {
        const missing = limit - open.length - reopened.length;
        others.push(...(await world.fill(user, missing)));
        const above = await world.enter(user);
        if (above.admitted) others.push(above.client);
        return {
          ok: others.length === missing,
          message: `${open.length + reopened.length} tabs are open at a limit of ${limit}: ${missing} more should fit, ${others.length} did`,
          type: others.length > missing ? 'limit-overshoot' : 'slot-not-reusable',
          figures: { limit, tabs: open.length + reopened.length, missing, admitted: others.length },
        };
      });
    await world.check('tabs/a-closed-browser-leaves-nothing', async () => {
      const all = [...open, ...reopened, ...others];
      await Promise.all(all.map((tab) => tab.end('fin')));
      const gone = await world.countGone(all, deadlineMs);
      const { last } = await world.until(
        () => world.usage(user),
        (usage) => (usage?.held ?? 0) === 0,
        deadlineMs,
      );
      const held = last?.held ?? 0;
      return {
        ok: gone === all.length && held === 0,
        message: `the browser was quit: ${gone} of ${all.length} sockets are gone, and the server holds ${held}`,
        type: held > 0 ? 'managers-left' : 'slow-socket-close',
        figures: { tabs: all.length, gone, held },
      };
    });
  },
});
