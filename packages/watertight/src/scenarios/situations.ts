import { browserMultiTab } from './browser-multi-tab.ts';
import { cleanupVersusCreation } from './cleanup-versus-creation.ts';
import { coldStartBurst } from './cold-start-burst.ts';
import { deployRollover } from './deploy-rollover.ts';
import { identityMismatch } from './identity-mismatch.ts';
import { idleButAlive } from './idle-but-alive.ts';
import { processRestart } from './process-restart.ts';
import { reconnectCycles } from './reconnect-cycles.ts';
import { slowConsumer } from './slow-consumer.ts';
import { soak } from './soak.ts';
import { statisticsPolling } from './statistics-polling.ts';
import type { Scenario } from './types.ts';
import { upgradeAbortStorm } from './upgrade-abort-storm.ts';

/** The situations that production found, in their fixed order. */
export const situations: readonly Scenario[] = [
  browserMultiTab,
  coldStartBurst,
  reconnectCycles,
  identityMismatch,
  cleanupVersusCreation,
  processRestart,
  deployRollover,
  slowConsumer,
  upgradeAbortStorm,
  idleButAlive,
  statisticsPolling,
  soak,
];
