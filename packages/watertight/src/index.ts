export { defineConfig, type WatertightConfig } from './cli/define-config.ts';
export { ResourceLeakTracker } from './tracker.ts';
export type { TrackerOptions, TrackerSummary } from './tracker-options.ts';
export { UncleanError } from './verdict/unclean-error.ts';
export { VIOLATION_TYPES, type ViolationType } from './verdict/violation-types.ts';
export type { InsufficientData, MemoryGrowth, ResourceGrowth } from './verdict/growth.ts';
export type { CountsRecord, MemoryRecord, Snapshot, SnapshotSource } from './verdict/snapshot.ts';
export type {
  CheckResult,
  CoverageMatrix,
  CoverageRow,
  Figure,
  Promised,
  Promises,
  QuietCell,
  ScenarioResult,
  Severity,
  StepResult,
  TimingSummary,
  Verdict,
  Violation,
} from './verdict/types.ts';
export type { StepDefinition, StepOutcome, StepRecorder } from './scenarios/types.ts';
export type {
  ConnectOptions,
  Life,
  LifeEnding,
  LifeSocket,
  PlainSpeech,
  Recipe,
  RecipeWorld,
  SpokenRefusal,
} from './drive/recipes/types.ts';
export { defineScenario } from './scenarios/define-scenario.ts';
export type { Entry, ScenarioDefinition, ScenarioWorld } from './scenarios/define-scenario.ts';
export type { Client, Ending, Gone, Refused } from './drive/types.ts';
