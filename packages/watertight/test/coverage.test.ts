import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { faults } from '../src/faulty/faults.ts';
import { poll } from '../src/evidence/poll.ts';
import { suiteCoverage } from '../src/scenarios/suite-coverage.ts';
import { USUAL_EFFORT, type ScenarioContext } from '../src/scenarios/types.ts';
import { childProcesses, commandLineOf } from '../src/target/proc.ts';
import { ResourceLeakTracker } from '../src/tracker.ts';
import { startCli } from './cli-process.ts';

const SPECIMEN_ENTRY = fileURLToPath(new URL('../dist/faulty/main.js', import.meta.url));
/** About 80 s on two cores with nothing beside them, thrice that when both are busy. */
const FULL_MATRIX_MS = 480_000;
/** What is left of a run that is given up must not be found by the next test. */
const UNWIND_MS = 10_000;

/** The scenario brings its own servers and clients: of the context it takes what every scenario gets besides. */
function contextOf(tracker: ResourceLeakTracker, coverageMode: 'quick' | 'full', signal: AbortSignal): ScenarioContext {
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
function ownSpecimens(): string[] {
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

/** Everything below a check but its target: the process of the matrix, and its specimens. */
function matrixOf(pid: number): readonly number[] {
  return childProcesses(pid)
    .flatMap((child) => [child.pid, ...matrixOf(child.pid)])
    .filter((one) => isOfMatrix(one));
}

function isOfMatrix(pid: number): boolean {
  return commandLineOf(pid).some((word) => word === SPECIMEN_ENTRY || word.endsWith('coverage/matrix-main.js'));
}

function newTracker(): ResourceLeakTracker {
  return new ResourceLeakTracker({
    scenario: suiteCoverage.name,
    purpose: suiteCoverage.purpose,
    steps: suiteCoverage.steps,
  });
}

test(
  '[F1] every fault is caught by a step named for it, before every scenario, and the healthy one by none',
  { timeout: FULL_MATRIX_MS },
  async () => {
    const tracker = newTracker();
    await suiteCoverage.run(contextOf(tracker, 'full', AbortSignal.timeout(FULL_MATRIX_MS - UNWIND_MS)));
    const { violations, steps } = tracker.result();
    const rows = tracker.coverageMatrix?.rows ?? [];
    expect(violations.map((violation) => violation.message)).toEqual([]);
    expect(steps.map((step) => `${step.id} ${step.status} ${step.note ?? ''}`.trim())).toEqual(
      suiteCoverage.steps.map((step) => `${step.id} held`),
    );
    expect(rows).toHaveLength(faults.length + 1);
    expect(rows[0]?.cells).toEqual(['green', 'green', 'green', 'green', 'green']);
    expect(ownSpecimens(), '[F4] nobody is left').toEqual([]);
  },
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
