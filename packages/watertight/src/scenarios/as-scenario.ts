import type { ScenarioDefinition, ScenarioWorld } from './define-scenario.ts';
import { ContextWorld } from './scenario-world.ts';
import { Crowd } from './shared/crowd.ts';
import { inOnePlay, inSteps } from './steps.ts';
import type { Scenario, ScenarioContext } from './types.ts';

const USUAL_SOCKETS = 100;
const USUAL_SECONDS = 10;

/** A scenario of our own: it may also look at the target, and start it once more. */
export interface SituationDefinition extends Omit<ScenarioDefinition, 'run'> {
  readonly aliases?: readonly string[];
  /** Open at the same time, at most; default: all of them. */
  readonly maxAtOnce?: number;
  /** What its clients do is the recipe's business. Default: `plain`, they only connect. */
  readonly clients?: 'recipe';
  readonly isGentle?: boolean;
  readonly looksAt?: Scenario['looksAt'];
  /** In place of `maxSeconds` where the run decides. */
  secondsIn?(context: Pick<ScenarioContext, 'soak' | 'isLong'>): number | undefined;
  run(world: ScenarioWorld, context: ScenarioContext): Promise<void>;
}

/** Makes a definition runnable: its clients are disposed at its end, and every step of its list is recorded. */
export function asScenario(definition: SituationDefinition): Scenario {
  const { name, purpose, steps, maxSockets = USUAL_SOCKETS, maxSeconds = USUAL_SECONDS } = definition;
  const { aliases = [], maxAtOnce } = definition;
  return {
    name,
    aliases,
    purpose,
    steps,
    suite: 'production',
    isGentle: definition.isGentle ?? false,
    looksAt: definition.looksAt ?? 'target',
    ...(definition.clients === 'recipe' ? {} : { clients: 'plain' as const }),
    estimate: (context) => ({
      sockets: maxSockets,
      seconds: definition.secondsIn?.(context) ?? maxSeconds,
      ...(maxAtOnce === undefined ? {} : { atOnce: maxAtOnce }),
    }),
    async run(context) {
      // Nobody waits twice for as long as was asked for once.
      const inPlays = context.soak?.durationMs === undefined ? inSteps : inOnePlay;
      await inPlays(context, steps, async (recorded, inPlay) => {
        const played = { ...inPlay, refusals: [] };
        const crowd = new Crowd(played);
        try {
          await definition.run(new ContextWorld(played, recorded, crowd), played);
        } finally {
          crowd.dispose();
        }
      });
    },
  };
}
