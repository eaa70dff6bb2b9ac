import type { Counts } from '../evidence/counts.ts';
import { lookAtProcesses } from '../evidence/process-look.ts';
import { firstLook, settledLook, type ServerLook } from '../evidence/server-look.ts';
import type { LifeEnding } from '../drive/recipes/types.ts';
import { asScenario } from './as-scenario.ts';
import type { ScenarioWorld } from './define-scenario.ts';
import { growingOverLaps, type LapTrend } from './shared/lap-trend.ts';
import { SoakLog, type Lap } from './shared/soak-log.ts';
import { runWave } from './shared/wave.ts';
import type { ScenarioContext, StepOutcome } from './types.ts';

const FIRST_USER = 4_100;
const USER_COUNT = 4;
const ENDINGS: readonly LifeEnding[] = ['close-frame', 'rst', 'fin', 'protocol-error', 'abort-in-upgrade'];
/** Where nobody says how long. */
const USUAL_MS = 4_500;
/** Laps are short at first, so that a short soak has a trend as well, and longer later. */
const SHORTEST_LAP_CYCLES = 60;
const LONGEST_LAP_CYCLES = 5_000;
const LAPS_WANTED = 10;
const FEWEST_LAPS = 6;
const PATIENCE_TIMES = 3;
/** What waits for a timer of half a minute rises for half a minute, and is no leak. */
const INSIDE_FROM_MS = 120_000;
/** Why a short soak does not judge what is inside. */
export const TOO_SHORT_FOR_INSIDE =
  'handles and objects may wait for a timer: they are judged from two minutes on (--soak-for 3); until then rapid-connection-cycles-stress counts them';
const MIB = 1_048_576;
const HOUR_MS = 3_600_000;

export const soak = asScenario({
  name: 'soak',
  purpose:
    'Connections come and go for as long as asked, hours in one command: nothing that is counted between the laps goes on growing.',
  steps: [
    { id: 'soak/every-life-is-served', title: 'Every life of every lap is admitted and served' },
    {
      id: 'soak/between-laps-nobody-is-held',
      title: 'Between the laps, when everybody has left, nothing is held by the deadline',
    },
    {
      id: 'soak/no-socket-or-descriptor-grows',
      title: 'Sockets, file descriptors, threads and child processes of the server do not go on growing with the laps',
    },
    {
      id: 'soak/no-handle-or-listener-grows',
      title: 'Handles and listeners inside the process do not go on growing with the laps',
    },
    {
      id: 'soak/no-class-of-objects-grows',
      title: 'No class of objects goes on growing with the laps, counted after a forced collection',
    },
  ],
  maxSockets: 4_000,
  maxAtOnce: 50,
  maxSeconds: 10,
  clients: 'recipe',
  secondsIn: ({ soak: plan }) => (plan?.durationMs === undefined ? undefined : plan.durationMs / 1_000),
  async run(world, context) {
    const log = await SoakLog.open(context.soak?.file, context.target.label);
    const resumedLaps = log.laps.length;
    if (resumedLaps > 0)
      context.say(`the soak goes on after ${resumedLaps} laps and ${Math.round(log.soakedMs / 1_000)} s`);
    await runLaps(world, context, log);
    const pid = context.target.pid ?? null;
    const laps = log.of(pid);
    tell(world, log, laps, resumedLaps);
    await judge(world, context, laps);
  },
});

async function runLaps(world: ScenarioWorld, context: ScenarioContext, log: SoakLog): Promise<void> {
  const durationMs = context.soak?.durationMs ?? USUAL_MS;
  const users = Array.from({ length: USER_COUNT }, (_, index) => world.user(FIRST_USER + index));
  const lives = await context.openLives();
  try {
    const any = await firstLook(context, world.deadlineMs);
    let lapCycles = SHORTEST_LAP_CYCLES;
    const isEnough = (): boolean => {
      const { soakedMs } = log;
      // On a busy machine a short soak goes on until there is a trend, though not for ever.
      return soakedMs >= durationMs && (log.laps.length >= FEWEST_LAPS || soakedMs >= PATIENCE_TIMES * durationMs);
    };
    while (!isEnough() && !world.signal.aborted) {
      const startedAtMs = performance.now();
      const wave = await runWave({
        lives,
        cycles: lapCycles,
        users,
        endings: lives.recipe.endings ?? ENDINGS,
        concurrency: context.effort.concurrency,
        patienceMs: world.deadlineMs,
        random: () => world.random(),
        signal: world.signal,
        onCycle: (done) => context.progress({ step: `lap ${log.laps.length + 1}`, done, of: lapCycles }),
      });
      const { look } = await settledLook(context, any, { patienceMs: world.deadlineMs, lives: wave.cycles });
      const lap: Lap = {
        target: context.target.label,
        pid: context.target.pid ?? null,
        at: new Date().toISOString(),
        ...(await countAfterLap(context, look, durationMs >= INSIDE_FROM_MS)),
        cycles: log.cycles + wave.cycles,
        served: wave.served,
        meant: wave.meant,
        soakedMs: Math.round(log.soakedMs + performance.now() - startedAtMs),
      };
      await log.add(lap);
      const lapMs = performance.now() - startedAtMs;
      if (lapMs < durationMs / (2 * LAPS_WANTED)) lapCycles = Math.min(LONGEST_LAP_CYCLES, 2 * lapCycles);
    }
  } finally {
    await lives.dispose();
  }
}

async function countAfterLap(
  context: ScenarioContext,
  look: ServerLook,
  withInstances: boolean,
): Promise<Pick<Lap, 'counts' | 'held' | 'rssBytes'>> {
  const [process, instances] = await Promise.all([
    lookAtProcesses(context.target.pids),
    withInstances ? context.inside?.instances() : undefined,
  ]);
  const named = (kind: string, counts: Readonly<Record<string, number>> | undefined): [string, number][] =>
    Object.entries(counts ?? {}).map(([name, count]) => [`${kind} ${name}`, count]);
  const held = look.held === undefined ? null : (look.held['active'] ?? 0) + (look.held['pending'] ?? 0);
  return {
    held,
    rssBytes: process.rssBytes ?? null,
    counts: Object.fromEntries([
      ...named('sockets', look.sockets),
      ...named('descriptors', look.descriptors),
      ...named('children', look.children),
      ...(process.threadCount === undefined ? [] : [['threads', process.threadCount] as [string, number]]),
      ...named('handles', look.handles),
      ...named('listeners', look.listeners),
      ...named('instances', instances),
    ]),
  };
}

function tell(world: ScenarioWorld, log: SoakLog, laps: readonly Lap[], resumedLaps: number): void {
  world.figure('laps', log.laps.length);
  world.figure('laps of earlier sessions', resumedLaps);
  world.figure('cycles', log.cycles);
  world.figure('seconds soaked', Math.round(log.soakedMs / 1_000));
  const [first] = laps;
  const last = laps.at(-1);
  const firstBytes = first?.rssBytes ?? null;
  const lastBytes = last?.rssBytes ?? null;
  if (first === undefined || last === undefined || firstBytes === null || lastBytes === null || first === last) return;
  const grewBytes = lastBytes - firstBytes;
  world.figure('resident mebibytes', Math.round(lastBytes / MIB));
  const soakedMs = last.soakedMs - first.soakedMs;
  // A process that has just started grows, and what it does in seconds says nothing about an hour.
  if (soakedMs < INSIDE_FROM_MS) return;
  // Told and not judged: memory that a process has once been given it often keeps.
  world.figure('resident mebibytes more an hour', Math.round((grewBytes / MIB / soakedMs) * HOUR_MS));
}

async function judge(world: ScenarioWorld, context: ScenarioContext, laps: readonly Lap[]): Promise<void> {
  const meant = laps.reduce((sum, lap) => sum + lap.meant, 0);
  const served = laps.reduce((sum, lap) => sum + lap.served, 0);
  await world.check('soak/every-life-is-served', () => ({
    ok: meant > 0 && served === meant,
    message: `${served} of ${meant} lives were served`,
    type: 'cycles-incomplete',
    figures: { laps: laps.length, lives: meant, served },
  }));
  const heldLaps = laps.filter(({ held }) => held !== null);
  if (heldLaps.length === 0)
    world.skip('soak/between-laps-nobody-is-held', 'not visible', 'the server shows no factory that can be asked');
  else
    await world.check('soak/between-laps-nobody-is-held', () => {
      const most = Math.max(...heldLaps.map(({ held }) => held ?? 0));
      return {
        ok: most === 0,
        message: `after everybody had left up to ${most} were held`,
        type: 'managers-left',
        severity: 'critical',
        figures: { laps: heldLaps.length, most },
      };
    });
  const growing = await stillThere(world, context, laps, growingOverLaps(laps));
  const outside = ['sockets', 'descriptors', 'threads', 'children'];
  await judgeKinds(world, 'soak/no-socket-or-descriptor-grows', outside, 'file-descriptors-left', laps, growing);
  const soakedMs = (laps.at(-1)?.soakedMs ?? 0) - (laps[0]?.soakedMs ?? 0);
  if (context.inside !== undefined && soakedMs < INSIDE_FROM_MS) {
    for (const id of ['soak/no-handle-or-listener-grows', 'soak/no-class-of-objects-grows'])
      world.skip(id, 'not visible', TOO_SHORT_FOR_INSIDE);
    return;
  }
  const inside = context.inside === undefined ? [] : ['handles', 'listeners'];
  await judgeKinds(world, 'soak/no-handle-or-listener-grows', inside, 'handles-left', laps, growing);
  const objects = context.inside === undefined ? [] : ['instances'];
  await judgeKinds(world, 'soak/no-class-of-objects-grows', objects, 'instances-left', laps, growing);
}

async function judgeKinds(
  world: ScenarioWorld,
  id: string,
  kinds: readonly string[],
  type: NonNullable<StepOutcome['type']>,
  laps: readonly Lap[],
  growing: readonly LapTrend[] | undefined,
): Promise<void> {
  const isOf = (name: string): boolean => kinds.includes(name.split(' ')[0] ?? '');
  const seen = Object.keys(laps.at(-1)?.counts ?? {}).filter(isOf);
  if (seen.length === 0) return world.skip(id, 'not visible', 'nothing of it can be counted in this target');
  if (growing === undefined)
    return world.skip(id, 'inconclusive', `${laps.length} laps are too few for a trend; soak for longer (--soak-for)`);
  const grown = growing.filter(({ name }) => isOf(name));
  await world.check(id, () => ({
    ok: grown.length === 0,
    message: `over ${laps.length} laps there is a steady rise: ${grown
      .slice(0, 3)
      .map(({ name, grew, perThousand }) => `${name} + ${grew} (${perThousand.toFixed(1)} per 1 000 connections)`)
      .join(', ')}`,
    type,
    severity: 'critical',
    // It was waited for, over all laps.
    isTimeless: true,
    figures: { laps: laps.length, counted: seen.length, growing: grown.length },
  }));
}

/** What is late is not left behind: after a pause it has to be there still. */
async function stillThere(
  world: ScenarioWorld,
  context: ScenarioContext,
  laps: readonly Lap[],
  growing: readonly LapTrend[] | undefined,
): Promise<readonly LapTrend[] | undefined> {
  if (growing === undefined || growing.length === 0) return growing;
  const last = laps.at(-1)?.counts ?? {};
  const isBack = (counts: Counts, { name, grew }: LapTrend): boolean =>
    (counts[name] ?? 0) <= (last[name] ?? 0) - grew / 2;
  const withInstances = growing.some(({ name }) => name.startsWith('instances '));
  const { last: seen } = await world.until(
    async () => {
      const look = await firstLook(context, 0);
      return (await countAfterLap(context, look, withInstances)).counts;
    },
    (counts) => growing.every((trend) => isBack(counts, trend)),
    context.settleMs,
  );
  return growing.filter((trend) => !isBack(seen, trend));
}
