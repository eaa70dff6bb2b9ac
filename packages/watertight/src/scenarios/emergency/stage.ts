import type { EmergencyCast } from './cast.ts';
import type { EmergencyRules } from './rules.ts';
import type { Crowd } from '../shared/crowd.ts';
import type { ScenarioContext } from '../types.ts';

/** What every act of the emergency scenario needs. */
export interface Stage {
  readonly context: ScenarioContext;
  readonly crowd: Crowd;
  readonly rules: EmergencyRules;
  readonly cast: EmergencyCast;
}
