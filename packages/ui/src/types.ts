import type { CheckResult } from 'watertight';

export type { CheckResult };
export type ScenarioResult = CheckResult['scenarios'][number];
export type StepResult = ScenarioResult['steps'][number];
export type Violation = ScenarioResult['violations'][number];
export type Finding = ScenarioResult['findings'][number];
export type Place = NonNullable<Finding['allocatedAt']>;
export type RetainingStep = NonNullable<Finding['retainedBy']>[number];
export type AllocationPath = NonNullable<Finding['allocations']>[number];
export type Evidence = NonNullable<ScenarioResult['evidence']>;
