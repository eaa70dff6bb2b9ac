import type { ScenarioContext, StepDefinition, StepOutcome } from './types.ts';

/** Leaves a scenario at its first violation, when the run asked for that. */
class FirstViolation extends Error {}

/** Records the steps of one scenario, in any order; whatever was not looked at can be told in one go. */
export class Steps {
  readonly #context: ScenarioContext;
  readonly #open: Set<string>;

  /** @internal Use {@link inSteps}. */
  constructor(context: ScenarioContext, definitions: readonly StepDefinition[]) {
    this.#context = context;
    this.#open = new Set(definitions.map((definition) => definition.id));
  }

  /** Runs a step; answers whether it held. Leaves the scenario when it was broken and the run stops at the first violation. */
  async check(id: string, run: () => Promise<StepOutcome> | StepOutcome): Promise<boolean> {
    let broken = false;
    this.#open.delete(id);
    this.#context.progress({ step: id });
    const held = await this.#context.tracker.step(id, async () => {
      const outcome = await run();
      broken = !outcome.ok;
      return outcome;
    });
    // Only a violation ends the run early: what could not be looked at must not hide what comes after it.
    if (broken && this.#context.bail) throw new FirstViolation(id);
    return held;
  }

  skip(id: string, status: 'not visible' | 'not promised' | 'inconclusive' | 'not run', note: string): void {
    if (this.#open.delete(id)) this.#context.tracker.skip(id, status, note);
  }

  /** Every step that was neither checked nor skipped so far. */
  skipRest(status: 'not visible' | 'not promised' | 'inconclusive' | 'not run', note: string): void {
    for (const id of this.#open) this.skip(id, status, note);
  }
}

/** Runs a scenario's body. A failure outside any step makes the steps that are left `inconclusive`; an abort is the tracker's. */
export async function inSteps(
  context: ScenarioContext,
  definitions: readonly StepDefinition[],
  body: (steps: Steps) => Promise<void>,
): Promise<void> {
  const steps = new Steps(context, definitions);
  try {
    await body(steps);
  } catch (error) {
    if (error instanceof FirstViolation)
      steps.skipRest('not run', `stopped at the first violation, in ${error.message}`);
    else if (!context.signal.aborted)
      steps.skipRest('inconclusive', error instanceof Error ? error.message : String(error));
  }
}
