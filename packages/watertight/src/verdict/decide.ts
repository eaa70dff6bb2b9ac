import type { CheckResult, ScenarioResult, StepResult, Verdict, Violation } from './types.ts';
import type { ViolationType } from './violation-types.ts';

/**
 * What the steps of one scenario come to, worst first. A scenario is watertight only when at least one step held and
 * nothing was inconclusive or left out; what was not promised or not visible is shown but proves nothing either way: a scenario that has
 * nothing else neither convicts a run nor makes it watertight.
 */
export function decideScenario(steps: readonly StepResult[], violations: readonly Violation[]): Verdict {
  const unexpected = violations.filter((violation) => !violation.expected);
  if (unexpected.some((violation) => violation.kind === 'leak')) return 'leak';
  if (unexpected.length > 0) return 'violation';
  const has = (...statuses: StepResult['status'][]): boolean => steps.some((step) => statuses.includes(step.status));
  if (has('inconclusive', 'not run')) return 'inconclusive';
  // `broken` without an unexpected violation: it was broken as the run declared beforehand.
  if (has('held', 'broken')) return 'watertight';
  if (has('not promised')) return 'not promised';
  return has('not visible') ? 'not visible' : 'inconclusive';
}

/** The verdict of a whole run and its exit code. A leak or violation beats inconclusive; no evidence is never 0. */
export function decideRun(
  scenarios: readonly Pick<ScenarioResult, 'verdict'>[],
  stopped: string | null,
): Pick<CheckResult, 'verdict' | 'exitCode'> {
  const has = (verdict: Verdict): boolean => scenarios.some((scenario) => scenario.verdict === verdict);
  if (has('leak')) return { verdict: 'leak', exitCode: 1 };
  if (has('violation')) return { verdict: 'violation', exitCode: 1 };
  if (stopped !== null || has('inconclusive') || !has('watertight')) return { verdict: 'inconclusive', exitCode: 3 };
  return { verdict: 'watertight', exitCode: 0 };
}

/**
 * One row that shows what became of `--expect`: an expected violation that did not occur is a violation itself.
 * `undefined` when nothing was expected.
 */
export function judgeExpectations(
  expected: readonly ViolationType[],
  scenarios: readonly ScenarioResult[],
  stopped: string | null,
): ScenarioResult | undefined {
  if (expected.length === 0) return undefined;
  const seen = new Set(scenarios.flatMap((scenario) => scenario.violations.map((violation) => violation.type)));
  const name = 'expectations';
  const steps: StepResult[] = [];
  const violations: Violation[] = [];
  for (const type of new Set(expected)) {
    const id = `${name}/${type}`;
    const common = { id, title: `${type} occurs, as expected`, figures: {}, elapsedMs: 0 };
    if (seen.has(type)) {
      steps.push({ ...common, status: 'held' });
    } else if (stopped !== null) {
      steps.push({ ...common, status: 'not run', note: stopped });
    } else {
      const message = `${type} was expected by name and did not occur`;
      steps.push({ ...common, status: 'broken', note: message });
      violations.push({
        type: 'expected-violation-missing',
        kind: 'violation',
        severity: 'high',
        scenario: name,
        step: id,
        message,
        evidence: {},
        expected: false,
      });
    }
  }
  return {
    name,
    purpose: 'Every violation that was expected by name occurs.',
    verdict: decideScenario(steps, violations),
    steps,
    violations,
    timings: {},
    figures: { expected: steps.length, occurred: steps.length - violations.length },
    findings: [],
    elapsedMs: 0,
  };
}
