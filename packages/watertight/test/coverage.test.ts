import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { poll } from '../src/evidence/poll.ts';
import { examinedIn, faultsOf, planCells } from '../src/scenarios/coverage/plan.ts';
import { managerCleanupTimingPrecision } from '../src/scenarios/manager-cleanup-timing-precision.ts';
import { rapidConnectionCyclesStress } from '../src/scenarios/rapid-connection-cycles-stress.ts';
import { suiteCoverage } from '../src/scenarios/suite-coverage.ts';
import type { Scenario } from '../src/scenarios/types.ts';
import { childProcesses, commandLineOf } from '../src/target/proc.ts';
import { ResourceLeakTracker } from '../src/tracker.ts';
import type { ScenarioResult } from '../src/verdict/types.ts';
import { startCli } from './cli-process.ts';
import {
  contextOf,
  expectEveryFaultCaught,
  FULL_MATRIX_MS,
  newTracker,
  ownSpecimens,
  SPECIMEN_ENTRY,
} from './matrix-bench.ts';

/** Everything below a check but its target: the process of the matrix, and its specimens. */
function matrixOf(pid: number): readonly number[] {
  return childProcesses(pid)
    .flatMap((child) => [child.pid, ...matrixOf(child.pid)])
    .filter((one) => isOfMatrix(one));
}

function isOfMatrix(pid: number): boolean {
  return commandLineOf(pid).some((word) => word === SPECIMEN_ENTRY || word.endsWith('programs/matrix.js'));
}

test(
  '[F1, F5] every defect of the system this descends from is caught by a step named for it, before all scenarios',
  { timeout: FULL_MATRIX_MS },
  async () => await expectEveryFaultCaught('classic'),
);

test('[F4] an aborted run leaves no specimen running', async () => {
  const tracker = newTracker();
  const controller = new AbortController();
  const run = suiteCoverage.run(contextOf(tracker, 'quick', controller.signal));
  const { reached } = await poll(
    () => ownSpecimens().length,
    (count) => count > 1,
    { deadlineMs: 5_000 },
  );
  expect(reached).toBe(true);
  controller.abort(new Error('enough'));
  await run;
  const { last } = await poll(ownSpecimens, (pids) => pids.length === 0, { deadlineMs: 5_000 });
  expect(last).toEqual([]);
});

/** Of a scenario all of whose steps held, or all but the first, which nobody could look at. */
async function resultOf({ name, purpose, steps }: Scenario, isHidden: boolean): Promise<ScenarioResult> {
  const tracker = new ResourceLeakTracker({ scenario: name, purpose, steps });
  for (const [index, { id }] of steps.entries()) {
    if (isHidden && index === 0) tracker.skip(id, 'not visible', 'nobody can look there');
    else await tracker.step(id, () => ({ ok: true }));
  }
  return tracker.result();
}

test('[F5] beside a check the target stands in for the healthy specimen where nothing was hidden and nothing wrong, and only there', async () => {
  const shown = await Promise.all([
    resultOf(rapidConnectionCyclesStress, false),
    resultOf(managerCleanupTimingPrecision, true),
  ]);
  const onTarget = examinedIn('quick').map(({ name }) => name);
  const outcomes = planCells('quick', onTarget).map(({ specimen, scenario }) => ({
    specimen,
    scenario: scenario.name,
    outcome: faultsOf('quick').find(({ id }) => id === specimen)?.caughtBy[0] ?? 'green',
    note: '',
  }));
  const tracker = newTracker();
  await suiteCoverage.run({
    ...contextOf(tracker, 'quick', AbortSignal.timeout(60_000)),
    matrix: {
      onTarget,
      result: async () => await Promise.resolve({ outcomes, specimenCount: 0, repeatedCount: 0, socketsOpened: 0 }),
      end: async () => await Promise.resolve(),
    },
    resultOf: (scenario) => shown.find(({ name }) => name === scenario),
  });
  const { violations, steps } = tracker.result();
  expect([violations, steps.map(({ status }) => status)]).toEqual([[], ['held', 'held', 'held']]);
  expect(tracker.coverageMatrix?.rows[0]?.cells).toEqual(['green', 'green', 'green', 'green on the target', 'green']);
  expect(ownSpecimens()).toEqual([]);
});

test('[F4] the matrix of a check runs beside it, and is gone with it even when the check is killed', async () => {
  const server = spawn(process.execPath, [SPECIMEN_ENTRY, '--limit', '20'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(server.stdout, 'data')) as [Buffer];
  const url = line.toString().replace('listening on ', '').trim();
  const running = startCli(['check', '--coverage', 'quick', '--limit', '20', '--url', url]);
  const { last: started } = await poll(
    () => matrixOf(running.child.pid ?? 0),
    (pids) => pids.length > 2,
    { deadlineMs: 15_000 },
  );
  expect(started.length).toBeGreaterThan(2);
  running.child.kill('SIGKILL');
  await running.ended;
  const { last: left } = await poll(
    () => started.filter((pid) => isOfMatrix(pid)),
    (pids) => pids.length === 0,
    { deadlineMs: 10_000 },
  );
  expect(left).toEqual([]);
  server.kill('SIGTERM');
  await once(server, 'exit');
});

test('[F7] a specimen prints where it listens and ends on SIGTERM', async () => {
  const child = spawn(process.execPath, [SPECIMEN_ENTRY, '--fault', 'healthy', '--limit', '3'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exit = once(child, 'exit');
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  expect(line.toString()).toMatch(/^listening on ws:\/\/127\.0\.0\.1:\d+\/\n$/);
  child.kill('SIGTERM');
  expect(await exit).toEqual([0, null]);
});

test('[F7] an unknown fault is refused with the list of those there are', async () => {
  const child = spawn(process.execPath, [SPECIMEN_ENTRY, '--fault', 'D-99'], { stdio: ['ignore', 'ignore', 'pipe'] });
  const exit = once(child, 'exit');
  let text = '';
  for await (const chunk of child.stderr) text += String(chunk);
  expect(text).toContain('healthy, D-01');
  expect(text).toContain('was D-99');
  expect((await exit)[0]).not.toBe(0);
});
