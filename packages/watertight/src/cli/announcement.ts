import type { Scenario, ScenarioContext } from '../scenarios/types.ts';

/** No scenario fills a limit above 1 000; cycles come one after another and do not add up. */
const USUAL_AT_ONCE_COUNT = 1_100;

/** What a run will take at most, known before the first socket is opened. */
export interface Announcement {
  /** Opened over the whole run. */
  readonly socketCount: number;
  /** Open at the same time, in the scenario that opens most; scenarios run one after another. */
  readonly atOnceCount: number;
  readonly seconds: number;
}

export function estimateRun(scenarios: readonly Scenario[], context: ScenarioContext): Announcement {
  const estimates = scenarios.map((scenario) => scenario.estimate(context));
  return {
    socketCount: estimates.reduce((sum, estimate) => sum + estimate.sockets, 0),
    atOnceCount: Math.max(
      0,
      ...estimates.map(({ sockets, atOnce }) => atOnce ?? Math.min(sockets, USUAL_AT_ONCE_COUNT)),
    ),
    seconds: Math.ceil(estimates.reduce((sum, estimate) => sum + estimate.seconds, 0)),
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
