import { openDrive } from '../drive/drive.ts';
import { parseIdentity } from '../drive/identity.ts';
import { catalogue, findScenario } from '../scenarios/catalogue.ts';
import type { Rooms } from './rooms.ts';

/** The real rooms. */
export const rooms: Rooms = {
  catalogue,
  findScenario,
  parseIdentity,
  openDrive,
  spawnTarget: () => Promise.reject(new Error('targets are not built in yet')),
  urlTarget: () => Promise.reject(new Error('targets are not built in yet')),
  openInsideView: () => Promise.reject(new Error('the inside view is not built in yet')),
};
