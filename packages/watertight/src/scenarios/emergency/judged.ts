import type { EmergencyCast } from './cast.ts';
import type { Play } from './play.ts';
import type { EmergencyRules } from './rules.ts';
import type { Steps } from '../steps.ts';
import type { ScenarioContext } from '../types.ts';

/** One play, and what it is judged by. */
export interface Judged {
  readonly context: ScenarioContext;
  readonly rules: EmergencyRules;
  readonly cast: EmergencyCast;
  readonly play: Play;
  readonly steps: Steps;
  readonly loopDelayMs: number;
}
