import type { Scenario, ScenarioContext } from '../scenarios/types.ts';
import type { Lane, Stage, Turn } from './stages.ts';

/** No scenario fills a limit above 1 000; cycles come one after another and do not add up. */
const USUAL_AT_ONCE_COUNT = 1_100;

/** What a run will take at most, known before the first socket is opened. */
export interface Announcement {
  /** Opened over the whole run. */
  readonly socketCount: number;
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
  return {
    socketCount: sum(stages.flat(3).map((scenario) => scenario.estimate(context).sockets)),
    atOnceCount: Math.max(0, ...stages.map((stage) => sum(stage.map(laneAtOnce)))),
    seconds: Math.ceil(sum(stages.map((stage) => Math.max(0, ...stage.map(laneSeconds))))),
  };
}

/** A polite rate makes it longer. */
export function atRate(announcement: Announcement, ratePerSecond: number | undefined): Announcement {
  if (ratePerSecond === undefined) return announcement;
  const seconds = Math.ceil(announcement.socketCount / ratePerSecond);
  return { ...announcement, seconds: Math.max(announcement.seconds, seconds) };
}

export function announce(label: string, url: string, scenarioCount: number, announcement: Announcement): string {
  const scenarios = scenarioCount === 1 ? '1 scenario' : `${scenarioCount} scenarios`;
  return `watertight: ${scenarios} against ${label} at ${url}; at most ${announcement.socketCount} sockets, about ${announcement.seconds} s`;
}
