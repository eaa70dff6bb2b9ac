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
import type { Scenario, StepRecorder } from '../scenarios/types.ts';
import type { Road } from '../target/road.ts';
import type { Target, TargetFailure } from '../target/types.ts';
import type { Complaint } from '../verdict/complaint.ts';
import type { CoverageMatrix, Promises, ScenarioResult } from '../verdict/types.ts';
import { announce, atRate, estimateRun } from './announcement.ts';
import { copiesOf } from './copies.ts';
import { openRoad } from './open-road.ts';
import { openFilesLimit, refuseForOpenFiles } from './open-files.ts';
import { playStages } from './play-stages.ts';
import { preflight, speaksAnotherProtocol, whoIsServed } from './preflight.ts';
import { resolvePromises } from './promises.ts';
import { findWayIn, Guesses, readRecipe } from './recipe-choice.ts';
import type { Rooms } from './rooms.ts';
import { notPromised, notRun, type RunContext } from './run-scenario.ts';
import { beginsMatrixAhead } from './scenario-choice.ts';
import type { CheckSettings } from './settings.ts';
import { planStages, type Stage } from './stages.ts';
import type { StopSignal } from './stop-signal.ts';
import { targetFailureOf } from './target-failure.ts';
import { UsageError } from './usage-error.ts';

/** A command gets this long to listen, in milliseconds, unless the whole run has less. */
const START_TIMEOUT_MS = 30_000;
/** Sooner than the run's own end: who never listened is named with its output, which a run that is out of time has not. */
const START_SHARE = 0.9;

/** What was seen; the verdict is not part of it. */
export interface Observation {
  /** Handed out by `--user-command`: no report shows them. */
  readonly tokens: readonly string[];
  readonly target: Target | undefined;
  readonly insideView: boolean;
  readonly insideNote: string | undefined;
  readonly factory: boolean;
  readonly promises: Promises;
  readonly scenarios: readonly ScenarioResult[];
  /** What the target complained of until the end of the run. */
  readonly complaints: readonly Complaint[];
  readonly coverage: CoverageMatrix | null;
  readonly socketsOpened: number;
  /** What clients said, by the name of the recipe; `undefined` where none connected. */
  readonly recipe: string | undefined;
  /** Set when the target could not be examined, or ended in the middle. */
  readonly failure: TargetFailure | undefined;
}

/** Target → inside view → promises → scenarios, and everything ended again, whatever happens. Rejects only with `UsageError`. */
export async function observe(
  settings: CheckSettings,
  scenarios: readonly Scenario[],
  rooms: Rooms,
  stop: StopSignal,
  progress: Progress,
  onTarget: (target: Target) => void,
): Promise<Observation> {
  const { road, relay, warning } = await openRoad(settings);
  try {
    if (warning !== undefined) progress.line(`watertight: ${warning}`);
    const seen = await observeVia(road, settings, scenarios, rooms, stop, progress, onTarget);
    if (seen.failure === undefined || relay?.failure === undefined) return seen;
    return { ...seen, failure: { ...seen.failure, message: `${seen.failure.message}; ${relay.failure}` } };
  } finally {
    await relay?.close();
  }
}

async function observeVia(
  road: Road,
  settings: CheckSettings,
  scenarios: readonly Scenario[],
  rooms: Rooms,
  stop: StopSignal,
  progress: Progress,
  onTarget: (target: Target) => void,
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
  onTarget(target);
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
    const turnedAway = stop.signal.aborted ? undefined : await preflight(target, first);
    // Whoever only connects may be turned away by a server that serves those who say what they have to say.
    const isFollowed = scenarios.some(({ clients }) => clients !== 'plain');
    const isAsked = asked !== undefined && (isFollowed || turnedAway !== undefined) && !stop.signal.aborted;
    const openLives = async (random: () => number, signal: AbortSignal): Promise<LifeDrive> =>
      politeLives(await rooms.openLifeDrive({ url, identity, recipe, random, signal, road }), manners);
    // A recipe whose setup fails says so in the scenarios.
    const trial = isAsked ? await openLives(Math.random, stop.signal).catch(() => undefined) : undefined;
    const served = trial === undefined ? undefined : await whoIsServed(trial, first);
    openedCount += served?.madeCount ?? 0;
    const isForRecipeAlone = turnedAway !== undefined && served?.is === 'served';
    const misunderstood =
      served?.is === 'not served' ? speaksAnotherProtocol(target, recipe.name, served.why) : undefined;
    const refusal = isForRecipeAlone ? undefined : (turnedAway ?? misunderstood);
    await first.dispose();
    openedCount += first.madeCount;
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
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function readIdentity(rooms: Rooms, { user, userCommand }: CheckSettings, signal: AbortSignal): Identity {
  try {
    return rooms.parseIdentity(user, userCommand, signal);
  } catch (error) {
    throw new UsageError(`--user: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

async function openTarget(
  settings: CheckSettings,
  rooms: Rooms,
  guesses: Guesses,
  { road, signal }: { readonly road: Road; readonly signal: AbortSignal },
): Promise<Target> {
  const speaksElsewhere = async (url: URL): Promise<boolean> => (await guesses.at(url, url.pathname !== '/')).isSeen;
  const given = settings.target;
  const where = { url: 'url' in given ? given.url : undefined, path: settings.path, speaksElsewhere };
  if ('pid' in given) return await rooms.pidTarget(given.pid, where);
  if ('inspect' in given) return await rooms.inspectTarget(given.inspect, where);
  if ('url' in given)
    return await rooms.urlTarget(given.url, { speaksElsewhere, headers: settings.fleet.headers, road });
  return await rooms.spawnTarget({
    command: given.command,
    path: settings.path,
    waitFor: settings.waitFor,
    speaksElsewhere,
    timeoutMs: Math.min(START_TIMEOUT_MS, settings.timeoutMs * START_SHARE),
    signal,
  });
}

async function openInside(
  target: Target,
  rooms: Rooms,
): Promise<{ opened: OpenedTarget | undefined; note: string | undefined }> {
  try {
    return { opened: await rooms.openTargetInside(target), note: undefined };
  } catch (error) {
    return { opened: undefined, note: error instanceof Error ? error.message : String(error) };
  }
}

function sayBeforehand(
  stages: readonly Stage[],
  run: RunContext,
  drive: Drive,
  settings: CheckSettings,
  progress: Progress,
): void {
  const openLives = (): Promise<never> => Promise.reject(new Error('an estimate opens no lives'));
  const estimating = { ...run, drive, openLives, random: Math.random, tracker: NO_RECORDER };
  const announcement = estimateRun(stages, estimating);
  const { target } = run;
  const own = refuseForOpenFiles(
    announcement.atOnceCount,
    openFilesLimit('self'),
    target.pid === undefined ? undefined : openFilesLimit(target.pid),
  );
  if (own !== undefined) throw new UsageError(own);
  const paced = atRate(announcement, settings.fleet.ratePerSecond);
  progress.line(announce(target.label, target.url.href, stages.flat(3).length, paced));
  if (paced.seconds * 1000 > settings.timeoutMs) {
    progress.line(
      `watertight: that may not fit into --timeout ${settings.timeoutMs} ms; whatever is left then counts as not run`,
    );
  }
}

/** An estimate records nothing. */
const NO_RECORDER: StepRecorder = {
  step: () => Promise.resolve(false),
  skip: () => {},
  timing: () => {},
  figure: () => {},
  finding: () => {},
  evidence: () => {},
  coverage: () => {},
};
