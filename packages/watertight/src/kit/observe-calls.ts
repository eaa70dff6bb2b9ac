import type { Observation } from '../cli/observation.ts';
import { resolvePromises } from '../cli/promises.ts';
import { rooms } from '../cli/rooms-wiring.ts';
import { runScenario } from '../cli/run-scenario.ts';
import type { CheckSettings } from '../cli/settings.ts';
import type { StopSignal } from '../cli/stop-signal.ts';
import { complaintsOf } from '../evidence/complaints.ts';
import { rapidConnectionCyclesStress } from '../scenarios/rapid-connection-cycles-stress.ts';
import { watchRunning } from '../target/watched.ts';
import { CalledLives, CALLED_RECIPE, type Calls } from './called-lives.ts';

/** Nobody connects there: a function is called, not connected to. */
const NOWHERE = new URL('ws://127.0.0.1:0/');

/** The leak windows of `check`, with calls of a function of the test process in place of client lives. */
export async function observeCalls(settings: CheckSettings, calls: Calls, stop: StopSignal): Promise<Observation> {
  const { name: label, pid, inspectorUrl } = calls;
  const target = watchRunning({ label, url: NOWHERE, pids: [pid], notes: [], inspectorUrl });
  const opened = await rooms.openTargetInside(target);
  try {
    const promises = resolvePromises(settings, undefined);
    void target.ended.then((failure) => stop.stop(failure.message));
    const run = await runScenario(
      rapidConnectionCyclesStress,
      {
        target,
        inside: opened.view,
        promises,
        cycles: settings.cycles,
        effort: { ...settings.effort, concurrency: calls.concurrency },
        settleMs: settings.settleMs,
        seed: settings.seed,
        expected: settings.expected,
        openLives: () => Promise.resolve(new CalledLives(calls)),
        bail: settings.bail,
        coverageMode: 'quick',
        signal: stop.signal,
        progress: () => undefined,
        say: () => undefined,
      },
      () => rooms.openDrive(NOWHERE, rooms.parseIdentity(undefined, undefined), CALLED_RECIPE),
    );
    const complaints = await complaintsOf({ target, inside: opened.view });
    return {
      tokens: [],
      target,
      insideView: true,
      insideNote: undefined,
      factory: opened.view.factory !== undefined,
      promises,
      scenarios: [run.result],
      complaints,
      coverage: null,
      socketsOpened: 0,
      recipe: undefined,
      failure: target.failure,
    };
  } finally {
    await opened.close().catch(() => []);
    await target.end();
  }
}
