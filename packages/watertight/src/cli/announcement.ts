import { formatCount } from '../report/figures.ts';
import type { Scenario, ScenarioContext } from '../scenarios/types.ts';
import type { Lane, Stage, Turn } from './stages.ts';

/** No scenario fills a limit above 1 000; cycles come one after another and do not add up. */
const USUAL_AT_ONCE_COUNT = 1_100;

/** What a run will take, known before the first socket is opened. */
export interface Announcement {
  /** Opened over the whole run, at most. */
  readonly socketCount: number;
  /** The same where nothing is suspected. */
  readonly usualSocketCount: number;
  /** Open at the same time, when those run that open most beside each other. */
  readonly atOnceCount: number;
  readonly seconds: number;
}

export function estimateRun(stages: readonly Stage[], context: ScenarioContext): Announcement {
  const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);
  const secondsOf = (scenario: Scenario): number => scenario.estimate(context).seconds;
  const atOnceOf = (scenario: Scenario): number => {
    const { sockets, atOnce } = scenario.estimate(context);
    return atOnce ?? Math.min(sockets, USUAL_AT_ONCE_COUNT);
  };
  const turnSeconds = (turn: Turn): number => Math.max(0, ...turn.map(secondsOf));
  const laneSeconds = (lane: Lane): number => sum(lane.map(turnSeconds));
  const laneAtOnce = (lane: Lane): number => Math.max(0, ...lane.map((turn) => sum(turn.map(atOnceOf))));
  const estimates = stages.flat(3).map((scenario) => scenario.estimate(context));
  return {
    socketCount: sum(estimates.map(({ sockets }) => sockets)),
    usualSocketCount: sum(estimates.map(({ sockets, usualSockets = sockets }) => usualSockets)),
    atOnceCount: Math.max(0, ...stages.map((stage) => sum(stage.map(laneAtOnce)))),
    seconds: Math.ceil(sum(stages.map((stage) => Math.max(0, ...stage.map(laneSeconds))))),
  };
}

/** A polite rate makes it longer. */
export function atRate(announcement: Announcement, ratePerSecond: number | undefined): Announcement {
  if (ratePerSecond === undefined) return announcement;
  const seconds = Math.ceil(announcement.usualSocketCount / ratePerSecond);
  return { ...announcement, seconds: Math.max(announcement.seconds, seconds) };
}

export function announce(label: string, url: string, scenarioCount: number, announcement: Announcement): string {
  const scenarios = formatCount(scenarioCount, 'scenario');
  const { socketCount, usualSocketCount, seconds } = announcement;
  const sockets =
    usualSocketCount < socketCount
      ? `about ${usualSocketCount} sockets, at most ${socketCount} where something is suspected, not counting who is refused and comes again`
      : `at most ${socketCount} sockets`;
  return `watertight: ${scenarios} against ${label} at ${url}; ${sockets}, about ${seconds} s`;
}
