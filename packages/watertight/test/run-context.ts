import type { RunContext } from '../src/cli/run-scenario.ts';
import { USUAL_EFFORT } from '../src/scenarios/types.ts';
import type { Target } from '../src/target/types.ts';

/** Nobody listens there. */
export const URL_OF_NOBODY: URL = new URL('ws://127.0.0.1:9/');
const nobody = { by: 'nobody' } as const;

/** What a scenario is run with that connects to nobody. */
export function runContext(more: Partial<RunContext> = {}): RunContext {
  const target: Target = {
    label: 'a target nobody connects to',
    url: URL_OF_NOBODY,
    pid: process.pid,
    pids: [process.pid],
    isOurs: false,
    notes: [],
    failure: undefined,
    ended: new Promise(() => {}),
    complaints: () => [],
    output: () => '',
    end: () => Promise.resolve(),
  };
  return {
    target,
    inside: undefined,
    openLives: () => Promise.reject(new Error('no scenario here opens lives')),
    promises: { limit: nobody, deadlineMs: nobody, emergencyThreshold: nobody, silenceDetectedWithinMs: nobody },
    cycles: 1,
    effort: USUAL_EFFORT,
    settleMs: 0,
    seed: 1,
    expected: [],
    bail: false,
    signal: new AbortController().signal,
    progress: () => {},
    say: () => {},
    ...more,
  };
}
