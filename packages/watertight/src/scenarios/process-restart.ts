import { asScenario } from './as-scenario.ts';
import type { ScenarioWorld } from './define-scenario.ts';
import { CopyCrowd, NOT_OURS } from './shared/copy-crowd.ts';
import { filledLimit, LARGEST_SITUATION_LIMIT } from './shared/room-for.ts';
import type { ScenarioContext, StepDefinition } from './types.ts';

const USER = 3_900;
const LOAD_USER = 3_901;
const LOAD_LANES = 2;
const CLIENT_COUNT = 8;
/** From SIGTERM on: some drain for longer, which a check does not wait for. */
const TERM_WITHIN_MS = 4_000;
const KILL_WITHIN_MS = 1_000;
/** Somebody whose server is gone notices at once on loopback; scheduling aside. */
const NOTICED_WITHIN_MS = 1_000;
/** Places of a process that is gone are free at once, unless leases that it had taken have to expire (`--lease`). */
const PATIENCE_MS = 2_000;
const LEASE_EXTRA_MS = 1_000;

const STEPS: readonly StepDefinition[] = [
  {
    id: 'restart/sigterm-ends-the-process',
    title: 'SIGTERM under load: the process ends within 4 s, and every client notices',
  },
  {
    id: 'restart/after-sigterm-everybody-comes-back',
    title: 'Started again, everybody who was there is admitted again, up to the limit and not above it',
  },
  { id: 'restart/sigkill-is-noticed', title: 'SIGKILL under load: every client notices within a second' },
  {
    id: 'restart/after-sigkill-everybody-comes-back',
    title:
      'Started again after SIGKILL, everybody comes back: nothing of the dead process is held, in a shared quota neither',
  },
];

export const processRestart = asScenario({
  name: 'process-restart',
  purpose: 'A process that is terminated or killed under load leaves nothing held: whoever was there comes back.',
  steps: STEPS,
  maxSockets: 4 * LARGEST_SITUATION_LIMIT + 400,
  maxAtOnce: LARGEST_SITUATION_LIMIT + 20,
  looksAt: 'copies',
  maxSeconds: 9,
  async run(world, context) {
    if (context.copies === undefined) {
      for (const { id } of STEPS) world.skip(id, 'not visible', NOT_OURS);
      return;
    }
    // Its own two processes: the one that is examined by the other scenarios lives on.
    let server = await CopyCrowd.start(context);
    const { port } = server.copy;
    try {
      for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
        await cutShort(world, server, signal);
        await server.end();
        server = await CopyCrowd.start(context, { port });
        await comeBack(world, context, server, signal);
      }
    } finally {
      await server.end();
    }
  },
});

async function cutShort(world: ScenarioWorld, server: CopyCrowd, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  const isTerm = signal === 'SIGTERM';
  const clients = await server.crowd.fill(world.user(USER), countOf(world));
  const load = new AbortController();
  const loading = Promise.all(
    Array.from({ length: LOAD_LANES }, (_, lane) => comeAndGo(world, server, lane, load.signal)),
  );
  await world.pause(100);
  const sentAtMs = server.signal(signal);
  const { reached, afterMs } = await world.until(
    () => server.isOver,
    (isOver) => isOver,
    isTerm ? TERM_WITHIN_MS : KILL_WITHIN_MS,
  );
  load.abort();
  const leftMs = Math.max(0, sentAtMs + afterMs + NOTICED_WITHIN_MS - performance.now());
  const noticed = await world.countGone(clients, leftMs);
  await loading;
  const id = isTerm ? 'restart/sigterm-ends-the-process' : 'restart/sigkill-is-noticed';
  if (!reached && isTerm && noticed > 0) {
    const note = `${noticed} of ${clients.length} were let go within ${TERM_WITHIN_MS} ms, and the process goes on: it may be draining, which a check does not wait for`;
    world.skip(id, 'inconclusive', note);
    return;
  }
  await world.check(id, () => ({
    ok: reached && noticed === clients.length,
    message: reached
      ? `the process ended, and ${noticed} of ${clients.length} clients noticed within ${NOTICED_WITHIN_MS} ms`
      : `${signal} was sent, and ${TERM_WITHIN_MS} ms later the process is there and has let go of nobody`,
    type: reached ? 'sockets-left' : 'processes-left',
    severity: 'critical',
    figures: { clients: clients.length, noticed, endedAfterMs: Math.round(afterMs) },
  }));
}

async function comeBack(
  world: ScenarioWorld,
  context: ScenarioContext,
  server: CopyCrowd,
  signal: 'SIGTERM' | 'SIGKILL',
): Promise<void> {
  const id =
    signal === 'SIGTERM' ? 'restart/after-sigterm-everybody-comes-back' : 'restart/after-sigkill-everybody-comes-back';
  const { leaseMs } = context;
  const patienceMs = leaseMs === undefined ? PATIENCE_MS : leaseMs + LEASE_EXTRA_MS;
  const hint = leaseMs === undefined ? '; if they are leases of a quota that nodes share, say how long (--lease)' : '';
  await world.check(id, async () => {
    const wanted = countOf(world);
    const user = world.user(USER);
    let back = 0;
    const fill = async (withinMs: number): Promise<{ readonly reached: boolean; readonly afterMs: number }> =>
      await world.until(
        async () => (back += (await server.crowd.fill(user, wanted - back)).length),
        (count) => count >= wanted,
        withinMs,
      );
    const { reached: isInTime, afterMs } = await fill(patienceMs);
    const inTime = back;
    // Whoever is not back after twice the time was not merely held up.
    const isHeld = !isInTime && !(await fill(patienceMs)).reached;
    const isFull = world.limit === wanted && back === wanted;
    const above = isFull ? (await server.crowd.enter(user)).admitted : false;
    context.tracker.timing(`back after ${signal}`, afterMs);
    return {
      ok: isInTime && !above,
      message: above
        ? `after ${signal} a user has more than the limit of ${wanted}`
        : `after ${signal} and a new start ${inTime} of ${wanted} were admitted again within ${Math.round(patienceMs / 1_000)} s${hint}`,
      type: above ? 'limit-not-enforced' : 'slot-not-reusable',
      // One above the limit may have come after another was found silent.
      isTimeless: isHeld,
      severity: 'critical',
      figures: { wanted, back: inTime, afterMs: Math.round(afterMs) },
    };
  });
}

function countOf({ limit }: ScenarioWorld): number {
  return filledLimit(limit, LARGEST_SITUATION_LIMIT) ?? CLIENT_COUNT;
}

/** Load: comes, says something, goes, until the server is gone. */
async function comeAndGo(world: ScenarioWorld, server: CopyCrowd, lane: number, over: AbortSignal): Promise<void> {
  while (!over.aborted && !world.signal.aborted) {
    const entry = await server.crowd.enter(world.user(LOAD_USER + lane));
    if (entry.admitted) {
      entry.client.send('load');
      await entry.client.end('close-frame');
      server.crowd.release(entry.client);
    }
    await world.pause(10);
  }
}
