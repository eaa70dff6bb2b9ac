import type { LifeDrive } from '../../drive/recipes/types.ts';
import { seriesOf } from '../../evidence/series.ts';
import { isOpen, isStackInDoubt, type Suspect } from '../../verdict/suspects.ts';
import type { Figure } from '../../verdict/types.ts';
import type { ViolationType } from '../../verdict/violation-types.ts';
import type { Cycled } from './cycling.ts';
import { tryEachEnding, type EndingsSeen } from './endings.ts';
import { everWent } from './going.ts';
import { nameOfSuspect, sayUndecided } from './growth-text.ts';
import type { CountKind, Remainder } from './left-counts.ts';
import { afterEnding, inFull, ofVanished, sayWhatIsLeft } from './left-sentence.ts';
import type { Steps } from '../steps.ts';
import type { ScenarioContext, StepOutcome } from '../types.ts';

const ID = 'cycles/nothing-is-left-after-any-ending';

const TYPES: Readonly<Record<CountKind, ViolationType>> = {
  managers: 'managers-left',
  gauges: 'gauge-grows',
  sockets: 'sockets-left',
  timers: 'timers-left',
  handles: 'handles-left',
  listeners: 'listeners-left',
  descriptors: 'file-descriptors-left',
  processes: 'processes-left',
  threads: 'processes-left',
  realms: 'instances-left',
  promises: 'instances-left',
  instances: 'instances-left',
  collections: 'collection-grows',
  stacks: 'instances-left',
};

/**
 * Which ending leaves what. Windows in which every ending is mixed and nothing grew have shown of each of them that it leaves
 * nothing, so only a server under suspicion is driven through every ending alone. Peers that vanish are no part of the
 * mixture: whether they are noticed in time is examined where time is, and what stays of them here, under suspicion.
 */
export async function checkEndings(
  context: ScenarioContext,
  steps: Steps,
  lives: LifeDrive,
  cycled: Cycled,
): Promise<EndingsSeen | undefined> {
  const { examination, suspects, endings } = cycled;
  const { looks } = examination;
  const visible = [...new Set(seriesOf(looks.slice(0, 1)).map(({ kind }) => kind))];
  if (visible.length === 0) {
    steps.skip(ID, 'not visible', 'neither the process of the server nor its inside can be looked at');
    return undefined;
  }
  const cycles = looks.flatMap((look) => (look.cycles > 0 ? [look.cycles] : [])).join(' + ');
  const open = suspects.filter(isOpen);
  if (open.length > 0 && open.every(isMemory)) {
    steps.skip(
      ID,
      'not visible',
      'memory is dealt out in pages: after which ending it stays cannot be told without a look inside',
    );
    return undefined;
  }
  const [first] = open;
  const isInDoubt = (one: Suspect): boolean =>
    isStackInDoubt(one) || (one.growth.is === 'undecided' && everWent(looks, one));
  if (first !== undefined && open.every(isInDoubt)) {
    // A few more lives leave as much of what is in doubt, leaking or not; and of what goes when it is older.
    steps.skip(ID, 'inconclusive', sayUndecided(first, cycled.cutShort));
    return undefined;
  }
  let seen: EndingsSeen | undefined;
  await steps.check(ID, async (): Promise<StepOutcome> => {
    if (open.length === 0) {
      return {
        ok: true,
        figures: {
          'all endings mixed, cycles': cycles,
          counted: visible.join(', '),
          'a vanish': 'not part of the mixture; see cycles/nothing-is-left-of-silent-peers',
        },
      };
    }
    if (endings.length === 1) {
      const certain = open.filter(({ growth }) => growth.is === 'leak');
      if (certain.length === 0 && first !== undefined) throw new Error(sayUndecided(first, cycled.cutShort));
      const names = [...new Set(certain.map(nameOfSuspect))];
      const after =
        lives.each === 'call' || endings[0] === undefined ? `after a ${lives.each}` : afterEnding(endings[0]);
      const message = `left ${after}: ${names.slice(0, 4).join(', ')}`;
      return { ok: false, message, type: 'left-behind' };
    }
    seen = await tryEachEnding(context, lives, cycled);
    return judge(seen, cycles);
  });
  return seen;
}

function isMemory(suspect: Suspect): boolean {
  return suspect.from === 'count' && suspect.series.kind === 'native-memory';
}

function judge(seen: EndingsSeen, cycles: string): StepOutcome {
  const { endings, vanish } = seen;
  const noticeable = endings.flatMap(({ left }) => left);
  const unnoticed = vanish?.promisedMs === undefined ? [] : vanish.left;
  const figures: Record<string, Figure> = { 'cycles per ending': endings[0]?.cycles ?? 0 };
  for (const ending of endings) figures[afterEnding(ending.ending)] = inFull(ending);
  if (vanish !== undefined) figures[afterEnding('vanish')] = `${inFull(vanish)}, ${vanish.lookedAfterMs} ms later`;
  const convicting = noticeable.length > 0 ? noticeable : unnoticed;
  if (convicting.length > 0) return { ok: false, message: sayWhatIsLeft(seen), type: typeOfLeft(convicting), figures };
  const unpromised =
    vanish !== undefined && vanish.left.length > 0 ? `; of the vanished stays ${ofVanished(vanish)}` : '';
  throw new Error(
    `something grew in ${cycles} cycles of all endings mixed, but not after any one ending alone in ${figures['cycles per ending']} cycles: it stays more rarely than that, or only when endings meet${unpromised}`,
  );
}

/** The kind that says most about all that is left. */
export function typeOfLeft(left: readonly Remainder[]): ViolationType {
  const kinds = Object.keys(TYPES) as CountKind[];
  const kind = kinds.find((candidate) => left.some((remainder) => remainder.kind === candidate)) ?? 'instances';
  const isTimers = left.every((it) => it.kind !== 'handles' || it.name === 'Timeout' || it.name === 'Immediate');
  return kind === 'handles' && isTimers ? 'timers-left' : TYPES[kind];
}
