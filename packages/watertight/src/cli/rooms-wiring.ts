import { openDrive } from '../drive/drive.ts';
import { parseIdentity } from '../drive/identity.ts';
import { openLifeDrive } from '../drive/lives.ts';
import { guessRecipe } from '../drive/recipes/guess.ts';
import { findRecipe } from '../drive/recipes/catalogue.ts';
import { openTargetInside } from '../inspector/open-target.ts';
import { everyScenario, findScenario } from '../scenarios/catalogue.ts';
import { startMatrixProcess } from '../scenarios/coverage/matrix-process.ts';
import { openInspectTarget } from '../target/inspect.ts';
import { openPidTarget } from '../target/pid.ts';
import { spawnTarget } from '../target/spawn.ts';
import { openUrlTarget } from '../target/url.ts';
import type { Rooms } from './rooms.ts';

/** The real rooms. */
export const rooms: Rooms = {
  catalogue: everyScenario,
  findScenario,
  parseIdentity,
  openDrive,
  findRecipe,
  guessRecipe,
  openLifeDrive,
  spawnTarget,
  urlTarget: openUrlTarget,
  pidTarget: openPidTarget,
  inspectTarget: openInspectTarget,
  openTargetInside,
  startMatrix: startMatrixProcess,
};
