import { checkGauges, gaugeReader, type GaugeChoice } from '../evidence/gauges.ts';
import { complaintsOf } from '../evidence/complaints.ts';
import { Doubts } from '../drive/doubts.ts';
import { type Identity, withHeaders } from '../drive/identity.ts';
import { politeDrive, politeLives, politeManners } from '../drive/manners.ts';
import type { LifeDrive } from '../drive/recipes/types.ts';
import type { Drive } from '../drive/types.ts';
import type { OpenedTarget } from '../inspector/open-target.ts';
import type { Progress } from '../report/progress.ts';
import type { MatrixRun } from '../scenarios/coverage/matrix-run.ts';
import { promisedLimit } from '../scenarios/shared/promised.ts';
import type { Scenario } from '../scenarios/types.ts';
import type { Road } from '../target/road.ts';
import type { Target, TargetFailure } from '../target/types.ts';
import type { ScenarioResult } from '../verdict/types.ts';
import { copiesOf } from './copies.ts';
import type { Observation } from './observation.ts';
import { openRoad } from './open-road.ts';
import { openInside, openTarget } from './open-target.ts';
import { playStages } from './play-stages.ts';
import { preflight } from './preflight.ts';
import { resolvePromises } from './promises.ts';
import { findWayIn, Guesses, readRecipe } from './recipe-choice.ts';
import type { Rooms } from './rooms.ts';
import { notPromised, notRun, type RunContext } from './run-scenario.ts';
import { beginsMatrixAhead } from './scenario-choice.ts';
import { sayBeforehand } from './say-beforehand.ts';
import type { CheckSettings } from './settings.ts';
import { planStages } from './stages.ts';
import type { StopSignal } from './stop-signal.ts';
import { targetFailureOf } from './target-failure.ts';
import { usageErrorOf } from './usage-error.ts';

/** What an examination has around it. */
export interface CheckHost {
  readonly rooms: Rooms;
  readonly stop: StopSignal;
  readonly progress: Progress;
  /** Told as soon as there is a target, so that it can be ended in a hurry. */
  readonly onTarget?: (target: Target) => void;
}

/** Target → inside view → promises → scenarios, and everything ended again, whatever happens. Rejects only with `UsageError`. */
export async function examineTarget(
  settings: CheckSettings,
  scenarios: readonly Scenario[],
  host: CheckHost,
): Promise<Observation> {
  const { road, relay, warning } = await openRoad(settings);
  try {
    if (warning !== undefined) host.progress.line(`watertight: ${warning}`);
    const seen = await examineVia(road, settings, scenarios, host);
    if (seen.failure === undefined || relay?.failure === undefined) return seen;
    return { ...seen, failure: { ...seen.failure, message: `${seen.failure.message}; ${relay.failure}` } };
  } finally {
    await relay?.close();
  }
}

async function examineVia(
  road: Road,
  settings: CheckSettings,
  scenarios: readonly Scenario[],
  { rooms, stop, progress, onTarget }: CheckHost,
): Promise<Observation> {
  const identity = withHeaders(readIdentity(rooms, settings, stop.signal), settings.fleet.headers);
  const { fleet } = settings;
  const manners = politeManners({
    ratePerSecond: fleet.ratePerSecond,
    // On this machine a server may be pushed to its 503; elsewhere that is somebody's bad day.
    onStorm: fleet.isElsewhere ? (sentence) => stop.stop(sentence) : () => undefined,
    signal: stop.signal,
  });
  const guesses = new Guesses(rooms, identity, road);
  const asked = await readRecipe(settings, rooms, process.cwd());
  const nothing = {
    tokens: [],
    insideView: false,
    insideNote: undefined,
    factory: false,
    complaints: [],
    coverage: null,
    socketsOpened: 0,
    recipe: undefined,
  };
  const leftOut = (note: string): ScenarioResult[] => scenarios.map((scenario) => notRun(scenario, note));
  let target: Target;
  try {
    target = await openTarget(settings, rooms, guesses, { road, signal: stop.signal });
  } catch (error) {
    // Stopped while starting: that is the reason, not what the half-started target says about it.
    const failure: TargetFailure = {
      ...targetFailureOf(error),
      ...(stop.reason === undefined ? {} : { message: stop.reason }),
    };
    const promises = resolvePromises(settings, undefined);
    return { ...nothing, target: undefined, promises, scenarios: leftOut(failure.message), failure };
  }
  onTarget?.(target);
  let opened: OpenedTarget | undefined;
  let matrix: MatrixRun | undefined;
  let openedCount = 0;
  try {
    for (const note of target.notes) progress.line(`watertight: ${note}`);
    const seen = await openInside(target, rooms);
    opened = seen.opened;
    for (const note of opened?.notes ?? []) progress.line(`watertight: ${note}`);
    const inside = opened?.view;
    const factory = inside?.factory;
    const promises = resolvePromises(settings, factory?.options);
    const about = {
      target,
      insideView: inside !== undefined,
      insideNote: seen.note,
      factory: factory !== undefined,
      promises,
    };
    void target.ended.then((failure) => stop.stop(failure.message));

    const {
      recipe,
      url,
      sentence: guess,
    } = await findWayIn(asked, target.url, guesses, settings, rooms, process.cwd());
    if (guess !== undefined) progress.line(`watertight: ${guess}`);
    const doubts = new Doubts(promisedLimit(promises));
    const openDrive = (): Drive => politeDrive(rooms.openDrive(url, identity, recipe, road, doubts), manners);
    const first = openDrive();
    const openLives = async (random: () => number, signal: AbortSignal): Promise<LifeDrive> =>
      politeLives(await rooms.openLifeDrive({ url, identity, recipe, random, signal, road }), manners);
    const { refusal, isForRecipeAlone, livesSocketCount } = await preflight(target, first, {
      recipe: recipe.name,
      openLives: asked === undefined ? undefined : () => openLives(Math.random, stop.signal),
      isFollowed: scenarios.some(({ clients }) => clients !== 'plain'),
      signal: stop.signal,
    });
    await first.dispose();
    openedCount += livesSocketCount + first.madeCount;
    if (refusal !== undefined && target.failure === undefined && !stop.signal.aborted) {
      return {
        ...nothing,
        ...about,
        // A server may say why in words of theirs.
        tokens: (await identity.tokens?.()) ?? [],
        scenarios: leftOut(refusal.message),
        socketsOpened: openedCount,
        failure: refusal,
      };
    }
    if (settings.gauges !== undefined) await followable(settings.gauges);
    const run: RunContext = {
      target,
      gauges: settings.gauges === undefined ? undefined : gaugeReader(settings.gauges),
      inside,
      promises,
      cycles: settings.cycles,
      effort: settings.effort,
      settleMs: settings.settleMs,
      seed: settings.seed,
      expected: settings.expected,
      openLives,
      bail: settings.bail,
      coverageMode: settings.coverage ?? 'quick',
      isLong: settings.isLong,
      ...(settings.soak === undefined ? {} : { soak: settings.soak }),
      leaseMs: settings.leaseMs,
      road,
      copies: copiesOf(settings, rooms, {
        path: url.pathname + url.search,
        openDrive: (copyUrl) => rooms.openDrive(copyUrl, identity, recipe, undefined, doubts.forCopy()),
        signal: stop.signal,
      }),
      signal: stop.signal,
      progress: () => {},
      say: (sentence) => progress.line(`watertight: ${sentence}`),
    };
    const stages = planStages(scenarios, {
      // Whoever wants to stop at the first violation wants it to be the first; and elsewhere nobody is to be crowded.
      isAlone: settings.bail || fleet.isElsewhere || fleet.ratePerSecond !== undefined,
    });
    sayBeforehand(stages, run, first, settings, progress);
    const names = scenarios.map(({ name }) => name);
    if (beginsMatrixAhead(scenarios, settings)) matrix = rooms.startMatrix(run.coverageMode ?? 'quick', names);
    const played = await playStages(stages, {
      run: { ...run, matrix },
      progress,
      openDrive,
      stopped: () => stop.reason,
      known: (scenario) =>
        isForRecipeAlone && scenario.clients === 'plain'
          ? notPromised(scenario, `clients that do not follow the recipe ${recipe.name} are turned away`)
          : undefined,
    });
    openedCount += played.socketsOpened;
    const complaints = await complaintsOf({ target, inside });
    const tokens = (await identity.tokens?.()) ?? [];
    return {
      ...about,
      tokens,
      scenarios: scenarios.flatMap(({ name }) => played.results.get(name) ?? []),
      complaints,
      coverage: played.coverage,
      socketsOpened: openedCount,
      recipe: recipe.name,
      failure: target.failure,
    };
  } finally {
    // A target waits for its debugger: detach before it is asked to end.
    for (const note of (await opened?.close().catch(() => [])) ?? []) progress.line(`watertight: ${note}`);
    await Promise.all([matrix?.end(), target.end()]);
  }
}

/** What is asked for and is not there would look like something that never grows. */
async function followable(gauges: GaugeChoice): Promise<void> {
  try {
    await checkGauges(gauges);
  } catch (error) {
    throw usageErrorOf(error);
  }
}

function readIdentity(rooms: Rooms, { user, userCommand }: CheckSettings, signal: AbortSignal): Identity {
  try {
    return rooms.parseIdentity(user, userCommand, signal);
  } catch (error) {
    throw usageErrorOf(error, '--user: ');
  }
}
