import type { LifeDrive } from '../../drive/recipes/types.ts';
import type { Examination, Look } from '../../evidence/examination.ts';
import { memorySeries, residentSeries, seriesOf, type Series } from '../../evidence/series.ts';
import { judgeCounts } from '../../verdict/counts-over-time.ts';
import type { EvidenceRow, WindowEvidence } from '../../verdict/window-evidence.ts';
import type { Cycled } from './cycling.ts';
import { harmlessGrowth } from './harmless-growth.ts';

/** Of classes and collections only those that became more: a heap has hundreds. */
const MANY_KINDS: ReadonlySet<string> = new Set(['objects', 'collection', 'listeners', 'timers']);
const MAX_ROWS_OF_KIND = 100;

/** What clients without a message of their own cannot show. */
function sayMute(introduces: boolean): string {
  const [said, kept, login] = introduces
    ? ['nothing but who they are, in their first message', 'of further messages', '']
    : [
        'nothing',
        'of messages',
        '; and where a login is a first message, they were nobody to the server (--user message:<text>)',
      ];
  return `the clients of the cycles said ${said}: what the server keeps ${kept} was not looked for (--send <text>, or a --recipe of yours)${login}`;
}

interface Evidence extends Pick<Cycled, 'endings' | 'suspects'> {
  readonly examination: Pick<Examination, 'looks' | 'heap'>;
}

type Counted = Pick<Series, 'name' | 'counts'> &
  Partial<Pick<Series, 'about'>> & { readonly kind: EvidenceRow['kind'] };

/** Everything that was counted, for the report. */
export function evidenceOf(
  { examination, endings, suspects }: Evidence,
  { recipe, introduces }: Pick<LifeDrive, 'recipe' | 'introduces'>,
): WindowEvidence {
  const { looks, heap } = examination;
  const counted = seriesOf(looks);
  const known = new Set(counted.map(({ key }) => key));
  const resident = residentSeries(looks);
  const all: readonly Counted[] = [
    ...counted,
    ...memorySeries(looks),
    ...resident.filter(({ key }) => !known.has(key)),
    ...complaintSeries(looks),
  ];
  const ofKind = new Map<string, Counted[]>();
  for (const one of all) ofKind.set(one.kind, [...(ofKind.get(one.kind) ?? []), one]);
  const shown = [...ofKind].flatMap(([kind, series]) => (MANY_KINDS.has(kind) ? mostGrown(series) : series));
  return {
    looks: looks.map(({ cycles, atMs, heap: seen }) => ({
      cycles,
      atMs: Math.round(atMs - (looks[0]?.atMs ?? 0)),
      heapUsedBytes: seen?.memory.heapUsedBytes ?? null,
    })),
    rows: shown.map((one) => rowOf(looks, one)),
    unseen: [
      ...(heap?.unseen() ?? []),
      ...unseenRealms(looks),
      ...unseenOfLines(looks),
      ...(recipe.isMute === true ? [sayMute(introduces)] : []),
    ],
    endings,
    controls: [...ofKind].flatMap(([, series]) => controlOf(looks, series)),
    harmless: harmlessGrowth(looks, suspects),
  };
}

/** The sum of all of a kind that did not grow with the cycles, where there is any; memory is no count. */
function controlOf(looks: readonly Look[], series: readonly Counted[]): EvidenceRow[] {
  const [first] = series;
  if (first === undefined || first.kind === 'native-memory' || first.kind === 'complaints') return [];
  // What is another one each time has no number of its own.
  const steady = series.filter((one) => one.about?.isCopied !== true && rowOf(looks, one).perCycle === null);
  if (steady.length === 0) return [];
  const counts = looks.map((_, index) => {
    const known = steady.flatMap((one) => one.counts[index] ?? []);
    return known.length === 0 ? null : known.reduce((sum, count) => sum + count, 0);
  });
  return [{ kind: first.kind, name: `all ${steady.length} that do not grow`, counts, perCycle: null }];
}

function rowOf(looks: readonly Look[], { kind, name, counts }: Counted): EvidenceRow {
  const growth = judgeCounts(looks.map(({ cycles, atMs }, index) => ({ cycles, atMs, count: counts[index] })));
  const perCycle = growth?.is === 'leak' ? Math.round(growth.perCycle * 100) / 100 : null;
  return { kind, name, counts: counts.map((count) => count ?? null), perCycle };
}

function mostGrown(series: readonly Counted[]): readonly Counted[] {
  const grewBy = ({ counts }: Counted): number => {
    const known = counts.filter((count) => count !== undefined);
    return (known.at(-1) ?? 0) - (known[0] ?? 0);
  };
  return series
    .filter((one) => grewBy(one) > 0)
    .toSorted((one, other) => grewBy(other) - grewBy(one))
    .slice(0, MAX_ROWS_OF_KIND);
}

function complaintSeries(looks: readonly Look[]): readonly Counted[] {
  const names = new Set(looks.flatMap(({ complaints }) => complaints.map(({ name }) => name)));
  const countIn = ({ complaints }: Look, name: string): number =>
    complaints.filter((one) => one.name === name).reduce((sum, { count }) => sum + count, 0);
  return [...names].map((name) => ({ kind: 'complaints', name, counts: looks.map((look) => countIn(look, name)) }));
}

function unseenOfLines(looks: readonly Look[]): readonly string[] {
  if (looks.every(({ lines }) => lines === undefined)) return [];
  return [
    'what lines of the program allocated was counted by tracemalloc of Python; what packages and extensions keep by themselves was not, nor what other processes that it started do',
  ];
}

function unseenRealms(looks: readonly Look[]): readonly string[] {
  const last = looks.findLast(({ heap }) => (heap?.classes.length ?? 0) > 0)?.heap;
  const count = last === undefined ? 0 : last.otherRealmCount - last.walkedRealmCount;
  if (count <= 0) return [];
  return [
    `${count} vm context${count === 1 ? '' : 's'} in the target, made since the examination began or beyond eight: objects of classes made there were not counted by class, only the contexts themselves, and what survives by allocation stack`,
  ];
}
