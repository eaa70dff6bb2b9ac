import type { Half } from './cast.ts';
import { lookAt, type LivingSeen } from './living.ts';
import type { ScenarioContext } from '../types.ts';

export interface LateSeen {
  readonly count: number;
  /** They gave no sign of life before the cleanup had begun: it has to have asked them. */
  readonly wereAsked: boolean;
  readonly living: LivingSeen;
}

export async function lookAtLate(
  context: ScenarioContext,
  { user, late }: Half,
  wereAsked: boolean,
): Promise<LateSeen> {
  const clients = [late.stalled, late.inattentive].filter((client) => client !== undefined);
  return { count: clients.length, wereAsked, living: await lookAt(context, user, clients) };
}
