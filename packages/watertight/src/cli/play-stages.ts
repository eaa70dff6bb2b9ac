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
    const context = { ...run, progress: show, resultOf: (name: string) => results.get(name) };
    const done = await runScenario(scenario, context, () => (drive = hands.openDrive()));
    socketsOpened += (drive?.madeCount ?? 0) + done.livesSocketCount;
    results.set(scenario.name, done.result);
    coverage = done.coverage ?? coverage;
  };

  /** Beside others a scenario may be disturbed: whatever it has not found in order is looked at again, alone, and that look counts. */
  const again = async (stage: Stage): Promise<void> => {
    for (const scenario of stage.flat(2)) {
      const beside = results.get(scenario.name);
      if (beside === undefined || !needsAnotherLook(beside.verdict) || whyNot() !== undefined) continue;
      progress.line(
        `watertight: ${scenario.name} ran beside others and did not find everything in order; it is run again, alone`,
      );
      await play(scenario);
      const alone = results.get(scenario.name);
      if (alone === undefined) continue;
      const letOff = letOffAlone(beside, alone);
      results.set(scenario.name, withNotes(alone, letOff));
      for (const { id, note } of letOff) progress.line(`watertight: ${id}: ${note}`);
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

interface LetOff {
  readonly id: string;
  readonly note: string;
}

/** Steps that were broken beside others and held alone: what happens only under load must not go unsaid. */
function letOffAlone(beside: ScenarioResult, alone: ScenarioResult): readonly LetOff[] {
  const held = new Set(alone.steps.flatMap(({ id, status }) => (status === 'held' ? [id] : [])));
  return beside.steps.flatMap(({ id, status, note = 'it was broken' }): LetOff[] =>
    status === 'broken' && held.has(id) ? [{ id, note: `it held alone, which counts; beside others: ${note}` }] : [],
  );
}

function withNotes(result: ScenarioResult, notes: readonly LetOff[]): ScenarioResult {
  const steps = result.steps.map((step) => {
    const note = notes.find(({ id }) => id === step.id)?.note;
    return note === undefined ? step : { ...step, note };
  });
  return { ...result, steps };
}

function needsAnotherLook(verdict: ScenarioResult['verdict']): boolean {
  return verdict === 'violation' || verdict === 'leak' || verdict === 'inconclusive';
}

function isConvicted({ verdict }: ScenarioResult): boolean {
  return verdict === 'leak' || verdict === 'violation';
}
