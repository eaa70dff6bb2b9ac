import type { Drive } from '../drive/types.ts';
import type { Progress } from '../report/progress.ts';
import type { Scenario } from '../scenarios/types.ts';
import type { CoverageMatrix, ScenarioResult } from '../verdict/types.ts';
import { BAIL_NOTE, notRun, runScenario, type RunContext } from './run-scenario.ts';
import type { Stage, Turn } from './stages.ts';

/** What came of all scenarios. */
export interface Played {
  /** By name. */
  readonly results: ReadonlyMap<string, ScenarioResult>;
  readonly coverage: CoverageMatrix | null;
  readonly socketsOpened: number;
}

export interface Stagehands {
  readonly run: RunContext;
  readonly progress: Progress;
  openDrive(): Drive;
  /** Why nothing more is begun. */
  stopped(): string | undefined;
  /** A result that needs no run. */
  known(scenario: Scenario): ScenarioResult | undefined;
}

/** Plays the stages, one after another. */
export async function playStages(stages: readonly Stage[], hands: Stagehands): Promise<Played> {
  const { run, progress } = hands;
  const results = new Map<string, ScenarioResult>();
  let coverage: CoverageMatrix | null = null;
  let socketsOpened = 0;
  const whyNot = (): string | undefined =>
    hands.stopped() ?? (run.bail && [...results.values()].some(isConvicted) ? BAIL_NOTE : undefined);

  const play = async (scenario: Scenario): Promise<void> => {
    const note = whyNot();
    const known = note === undefined ? hands.known(scenario) : notRun(scenario, note);
    if (known !== undefined) {
      results.set(scenario.name, known);
      return;
    }
    let drive: Drive | undefined;
    const startedAtMs = performance.now();
    const show: RunContext['progress'] = (line) =>
      progress.update({
        scenario: scenario.name,
        ...line,
        perSecond: (drive?.madeCount ?? 0) / Math.max(0.001, (performance.now() - startedAtMs) / 1000),
      });
    show({ step: 'starting' });
    const done = await runScenario(scenario, { ...run, progress: show }, () => (drive = hands.openDrive()));
    socketsOpened += (drive?.madeCount ?? 0) + done.livesSocketCount;
    results.set(scenario.name, done.result);
    coverage = done.coverage ?? coverage;
  };

  /** Beside others a scenario may be disturbed: whatever it has not found in order is looked at again, alone, and that look counts. */
  const again = async (stage: Stage): Promise<void> => {
    for (const scenario of stage.flat(2)) {
      const verdict = results.get(scenario.name)?.verdict;
      if (!needsAnotherLook(verdict) || whyNot() !== undefined) continue;
      progress.line(
        `watertight: ${scenario.name} ran beside others and did not find everything in order; it is run again, alone`,
      );
      await play(scenario);
    }
  };

  for (const stage of stages) {
    const lane = async (turns: readonly Turn[]): Promise<void> => {
      for (const turn of turns) await Promise.all(turn.map(play));
    };
    await Promise.all(stage.map(lane));
    if (stage.flat(2).length > 1) await again(stage);
  }
  return { results, coverage, socketsOpened };
}

function needsAnotherLook(verdict: ScenarioResult['verdict'] | undefined): boolean {
  return verdict === 'violation' || verdict === 'leak' || verdict === 'inconclusive';
}

function isConvicted({ verdict }: ScenarioResult): boolean {
  return verdict === 'leak' || verdict === 'violation';
}
