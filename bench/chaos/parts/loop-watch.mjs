// @ts-check
// How well a process keeps up with what it has to do: each of the three says it of itself, so that who is late is not guessed.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { cpuMicros } from '../../runtime/parts/answering.mjs';

let delays = monitorEventLoopDelay({ resolution: 1 });
let beganAtMs = performance.now();
let cpuAtStart = cpuMicros();

export const loopWatch = {
  /** Forgets what was so far. */
  watch() {
    delays.disable();
    delays = monitorEventLoopDelay({ resolution: 1 });
    delays.enable();
    [beganAtMs, cpuAtStart] = [performance.now(), cpuMicros()];
    return {};
  },
  /** `cores` counts the threads of garbage collection too, so it may be more than one. */
  keptUp: () => ({
    loopP99Ms: delays.percentile(99) / 1e6,
    loopMaxMs: delays.max / 1e6,
    cores: (cpuMicros() - cpuAtStart) / 1000 / (performance.now() - beganAtMs),
  }),
};
