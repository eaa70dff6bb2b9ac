import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { faultsOf, planCells } from '../src/scenarios/coverage/plan.ts';
import { suiteCoverage } from '../src/scenarios/suite-coverage.ts';
import { type CoverageMode, type ScenarioContext, USUAL_EFFORT } from '../src/scenarios/types.ts';
import { ResourceLeakTracker } from '../src/tracker.ts';

export const SPECIMEN_ENTRY: string = fileURLToPath(new URL('../dist/programs/specimen.js', import.meta.url));
/** About a minute on two cores with nothing beside them, thrice that when both are busy. */
export const FULL_MATRIX_MS = 480_000;
/** What is left of a run that is given up must not be found by the next test. */
const UNWIND_MS = 10_000;

/** The scenario brings its own servers and clients: of the context it takes what every scenario gets besides. */
export function contextOf(
  tracker: ResourceLeakTracker,
  coverageMode: CoverageMode,
  signal: AbortSignal,
): ScenarioContext {
  const nobody = new Proxy({} as never, {
    get: (_target, name) => {
      throw new Error(`suite-coverage asked the target of the run for ${String(name)}`);
    },
  });
  return {
    target: nobody,
    drive: nobody,
    inside: undefined,
    openLives: nobody,
    promises: nobody,
    tracker,
    cycles: 100,
    effort: USUAL_EFFORT,
    settleMs: 2_000,
    random: Math.random,
    progress: () => {},
    say: () => {},
    signal,
    bail: false,
    coverageMode,
  };
}

/** Specimens that this process has started and that still live; zombies have no command line. */
export function ownSpecimens(): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        const parent = /^PPid:\s*(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
        return parent === String(process.pid) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(SPECIMEN_ENTRY);
      } catch {
        return false;
      }
    });
}

export function newTracker(): ResourceLeakTracker {
  return new ResourceLeakTracker({
    scenario: suiteCoverage.name,
    purpose: suiteCoverage.purpose,
    steps: suiteCoverage.steps,
  });
}

/** Every fault of the mode is seen by a step that is named for it, the healthy specimen by none, and nobody is left running. */
export async function expectEveryFaultCaught(mode: CoverageMode): Promise<void> {
  const tracker = newTracker();
  await suiteCoverage.run(contextOf(tracker, mode, AbortSignal.timeout(FULL_MATRIX_MS - UNWIND_MS)));
  const { violations, steps } = tracker.result();
  const rows = tracker.coverageMatrix?.rows ?? [];
  expect(violations.map((violation) => violation.message)).toEqual([]);
  expect(steps.map((step) => `${step.id} ${step.status} ${step.note ?? ''}`.trim())).toEqual(
    suiteCoverage.steps.map((step) => `${step.id} held`),
  );
  expect(rows).toHaveLength(faultsOf(mode).length + 1);
  expect(rows[0]?.cells).toEqual(['green', 'green', 'green', 'green', 'green']);
  const wereRun = rows.flatMap(({ cells }) => cells).filter((cell) => cell !== 'not run');
  expect(wereRun, 'every cell of the plan was run').toHaveLength(planCells(mode).length);
  expect(ownSpecimens(), '[F4] nobody is left').toEqual([]);
}
