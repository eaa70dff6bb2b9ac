import { readFileSync, rmSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openDrive } from '../src/drive/drive.ts';
import { parseIdentity } from '../src/drive/identity.ts';
import { openLifeDrive } from '../src/drive/lives.ts';
import { wsRecipe } from '../src/drive/recipes/ws.ts';
import { makeSpecimen } from '../src/faulty/faults.ts';
import { SPECIMEN_DEFAULTS } from '../src/faulty/specimen-options.ts';
import { serveSpecimen } from '../src/faulty/specimen-server.ts';
import { browserMultiTab } from '../src/scenarios/browser-multi-tab.ts';
import { identityMismatch } from '../src/scenarios/identity-mismatch.ts';
import { processRestart } from '../src/scenarios/process-restart.ts';
import { slowConsumer } from '../src/scenarios/slow-consumer.ts';
import { USUAL_EFFORT, type Scenario } from '../src/scenarios/types.ts';
import { watchRunning } from '../src/target/watched.ts';
import { ResourceLeakTracker } from '../src/tracker.ts';
import type { ScenarioResult } from '../src/verdict/types.ts';
import { startCli } from './cli-process.ts';
import { SPECIMEN_PROMISES } from './scenario-bench.ts';

const SPECIMEN_ENTRY = new URL('../dist/programs/specimen.js', import.meta.url).pathname;

/** Before a server that shows nothing of its inside. */
async function fromOutside(fault: string, scenario: Scenario): Promise<ScenarioResult> {
  // Who stalls must not be found silent meanwhile, however slow this machine is just now.
  const isPatient = scenario === slowConsumer;
  const running = await serveSpecimen(
    makeSpecimen(fault, { ...SPECIMEN_DEFAULTS, heartbeatIntervalMs: isPatient ? 10_000 : 300 }),
  );
  const target = watchRunning({ label: fault, url: new URL(running.url), pids: [], notes: [] });
  const identity = parseIdentity();
  const drive = openDrive(target.url, identity);
  const signal = AbortSignal.timeout(30_000);
  const { name, purpose, steps } = scenario;
  const tracker = new ResourceLeakTracker({ scenario: name, purpose, steps, signal });
  try {
    await scenario.run({
      target,
      drive,
      inside: undefined,
      openLives: () =>
        openLifeDrive({ url: target.url, identity, recipe: wsRecipe({ send: [] }), random: Math.random, signal }),
      promises: {
        ...SPECIMEN_PROMISES,
        silenceDetectedWithinMs: isPatient ? { by: 'nobody' } : { by: 'option', value: 900 },
      },
      tracker,
      cycles: 10,
      effort: USUAL_EFFORT,
      settleMs: 500,
      // The first tabs are those that close: whether P-01 is visible from outside depends on which do.
      random: () => 0.5,
      progress: () => {},
      say: () => {},
      signal,
      bail: false,
      isFaulty: fault !== 'healthy',
    });
    expect(drive.openCount, 'clients that were not disposed').toBe(0);
    return tracker.result();
  } finally {
    await drive.dispose();
    await target.end();
    await running.close();
  }
}

test.each([browserMultiTab, identityMismatch, slowConsumer])(
  '[PS3] $name judges from outside alone what can be seen there, and finds the healthy server watertight',
  async (scenario) => {
    const { verdict, steps } = await fromOutside('healthy', scenario);
    expect(verdict).toBe('watertight');
    const expected = scenario === slowConsumer ? ['held', 'not promised', 'not visible'] : ['held', 'not visible'];
    expect([...new Set(steps.map(({ status }) => status))].toSorted()).toEqual(expected);
  },
);

test.each([
  ['P-01', browserMultiTab],
  ['P-04', identityMismatch],
  ['P-08', slowConsumer],
] as const)('[PS3] %s is caught from outside alone', async (fault, scenario) => {
  expect((await fromOutside(fault, scenario)).verdict).toBe('violation');
});

test('[PS3] what was not started by us is not started again', async () => {
  const { verdict, steps } = await fromOutside('healthy', processRestart);
  expect(verdict).toBe('not visible');
  expect(steps.filter(({ note }) => note?.includes('was not started by us') !== true)).toEqual([]);
});

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'watertight-situations-'));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}

test('[PS5] the scenario in README.md runs as it stands, and a server that breaks it is convicted', async () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const example = /^```js\n(import \{ defineScenario \}.*?)^```/ms.exec(readme)?.[1] ?? '';
  expect(example.split('\n').length).toBeLessThanOrEqual(31);
  // Beside the package, so that its name is found.
  const file = new URL(`./own-scenario-${process.pid}.mjs`, import.meta.url).pathname;
  writeFileSync(file, example);
  onTestFinished(() => rmSync(file));
  const server = [process.execPath, SPECIMEN_ENTRY, '--limit', '4', '--fault'];
  const args = (fault: string): string[] => ['check', '--limit', '4', '--scenario', file, '--'].concat(server, fault);
  const [healthy, faulty] = await Promise.all([startCli(args('healthy')).ended, startCli(args('D-01')).ended]);
  expect(healthy.stdout).toContain('watertight: 1 of 1 scenarios');
  expect(healthy.code).toBe(0);
  expect(faulty.stdout).toContain('devices/the-second-takes-over');
  // Who is refused in both plays, while the machine stands still in both, is not convicted.
  if (!/an event loop stood still for \d+ ms/.test(faulty.stdout)) expect(faulty.code).toBe(1);
  expect(faulty.code).not.toBe(0);
});

test.each([
  ['no default export', 'export const name = 1;', 'it has no object as its default export'],
  ['a name with spaces', 'export default { name: "a b" };', 'name is "a b"; expected kebab case'],
  [
    'a step without an id',
    'export default { name: "a", purpose: "b", steps: [{ id: "x" }], run() {} };',
    'a step has the id "x"',
  ],
  [
    'the name of another',
    'export default { name: "soak", purpose: "b", steps: [{ id: "a/b", title: "c" }], run() {} };',
    'is called soak, as another scenario is already',
  ],
  ['a module that throws', 'throw new Error("no database");', 'cannot be loaded: no database'],
])('[PS5] a scenario file with %s is refused before anything is started', async (_, text, message) => {
  const file = join(folder(), 'mine.mjs');
  writeFileSync(file, text);
  const ended = await startCli(['check', '--scenario', file, '--', 'no-such-command']).ended;
  expect(ended.stderr).toContain(message);
  expect(ended.code).toBe(2);
});
