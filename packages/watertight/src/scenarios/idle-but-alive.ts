import { asScenario } from './as-scenario.ts';
import { roomFor } from './shared/room-for.ts';

const USER = 3_500;
const TAB_COUNT = 5;
/** Longer than silence takes to be noticed, twice, so that a heartbeat has asked more than once. */
const SILENCES = 2;
const SHORTEST_MS = 3_500;
const LONGEST_MS = 6_000;
const LONG_MS = 300_000;

export const idleButAlive = asScenario({
  name: 'idle-but-alive',
  purpose: 'Quiet tabs are not killed: whoever says nothing but answers when asked stays.',
  steps: [
    { id: 'idle/quiet-tabs-are-admitted', title: 'Five tabs are opened, and from then on say nothing by themselves' },
    {
      id: 'idle/nobody-is-ended-for-being-quiet',
      title: 'Twice the promised time of silence (3.5 to 6 s) later none of them was ended by the server',
    },
    { id: 'idle/the-quiet-answer', title: 'All of them answer when they are asked' },
    { id: 'idle/they-are-still-held', title: 'The server itself says that it holds exactly these five' },
  ],
  maxSockets: TAB_COUNT,
  isGentle: true,
  looksAt: 'users',
  maxSeconds: 7,
  async run(world, context) {
    const user = world.user(USER);
    const quietMs = world.isLong
      ? LONG_MS
      : Math.min(LONGEST_MS, Math.max(SHORTEST_MS, SILENCES * (world.silenceMs ?? 0)));
    const count = roomFor(TAB_COUNT, world.limit);
    const tabs = await world.fill(user, count);
    await world.check('idle/quiet-tabs-are-admitted', () => ({
      ok: tabs.length === count,
      message: `${tabs.length} of ${count} tabs were admitted`,
      type: 'limit-undershoot',
      figures: { tabs: count, admitted: tabs.length },
    }));
    const options = context.inside?.factory?.options;
    if (options !== undefined && options.idleTimeoutMs !== false && options.idleTimeoutMs <= quietMs) {
      const note = `the server promises to end whoever is idle for ${options.idleTimeoutMs} ms (idleTimeoutMs)`;
      for (const id of ['idle/nobody-is-ended-for-being-quiet', 'idle/the-quiet-answer', 'idle/they-are-still-held'])
        world.skip(id, 'not promised', note);
      return;
    }
    await world.until(
      () => tabs.filter((tab) => tab.state === 'open').length,
      (open) => open === 0,
      quietMs,
    );
    const ended = tabs.filter((tab) => tab.state !== 'open');
    const told = ended.filter((tab) => tab.closedByServer !== undefined);
    if (options === undefined && ended.length > 0 && told.length === ended.length)
      world.skip(
        'idle/nobody-is-ended-for-being-quiet',
        'not promised',
        `the server ends who is quiet with close code ${told[0]?.closedByServer?.code ?? 0}, as a policy of its own`,
      );
    else
      await world.check('idle/nobody-is-ended-for-being-quiet', () => ({
        ok: ended.length === 0,
        message: `${ended.length} of ${tabs.length} tabs that were quiet for ${quietMs} ms, and answered whenever they were asked, were ended by the server`,
        type: 'living-removed',
        severity: 'critical',
        figures: { quietMs, ended: ended.length, told: told.length },
      }));
    const open = tabs.filter((tab) => tab.state === 'open');
    await world.check('idle/the-quiet-answer', async () => {
      const answering = await world.countAnswering(open);
      return {
        ok: answering === open.length,
        message: `${answering} of ${open.length} quiet tabs answer a ping`,
        type: 'unresponsive-connection',
        figures: { open: open.length, answering },
      };
    });
    const held = (await world.usage(user))?.held;
    if (held === undefined)
      return world.skip('idle/they-are-still-held', 'not visible', 'the server shows no factory that can be asked');
    await world.check('idle/they-are-still-held', () => ({
      ok: held === open.length,
      message: `${open.length} tabs are open, and the server holds ${held}`,
      type: 'wrong-held-count',
      figures: { open: open.length, held },
    }));
  },
});
