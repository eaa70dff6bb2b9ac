import type { Counts } from '../../evidence/counts.ts';

/** What is counted of a server, most telling first: what stands first is said first, and says what kind of leak it is. */
export type CountKind =
  | 'managers'
  | 'gauges'
  | 'sockets'
  | 'timers'
  | 'handles'
  | 'listeners'
  | 'descriptors'
  | 'processes'
  | 'realms'
  | 'promises'
  | 'threads'
  | 'instances'
  | 'collections'
  | 'stacks';

const COUNT_KINDS: readonly CountKind[] = [
  'managers',
  'gauges',
  'sockets',
  'timers',
  'handles',
  'listeners',
  'descriptors',
  'processes',
  'realms',
  'promises',
  'threads',
  'instances',
  'collections',
  'stacks',
];

/** Everything counted at one moment; a kind that is not visible is absent. */
export type KindCounts = Readonly<Partial<Record<CountKind, Counts>>>;

/** Something there is more of than before. */
export interface Remainder {
  readonly kind: CountKind;
  readonly name: string;
  readonly count: number;
}

/** What everything is made of: it says little about what was kept. */
const COMMON_NAMES: ReadonlySet<string> = new Set([
  'Array',
  'AsyncFunction',
  'Function',
  'Map',
  'Object',
  'Promise',
  'Set',
  'Uint8Array',
]);

/** What a connection is made of in Node and in ws: it hangs on whoever keeps the connection. */
const CARRIED_NAMES: ReadonlySet<string> = new Set([
  '(anonymous)',
  'BufferList',
  'EventEmitter',
  'FastBuffer',
  'HTTPParser',
  'IncomingMessage',
  'PerMessageDeflate',
  'ReadableState',
  'Receiver',
  'Sender',
  'ServerResponse',
  'Socket',
  'TCP',
  'WritableState',
]);

/** What Node makes natively under what a program asks for. */
const NATIVE_NAMES: ReadonlySet<string> = new Set([
  'FSEvent',
  'FileHandle',
  'HTTPServerAsyncResource',
  'Pipe',
  'Process',
  'ShutdownWrap',
  'StatWatcher',
  'TCPConnectWrap',
  'UDP',
  'WriteWrap',
  'Zlib',
]);

const PLATFORM_NAMES: ReadonlySet<string> = new Set([
  'AbortController',
  'AbortSignal',
  'ChildProcess',
  'Immediate',
  'Timeout',
  'WebSocket',
]);

/** 0 a name of the server's own, 1 of the platform, 2 what a connection carries along, 3 what everything is made of. */
export function tellingRank(name: string): number {
  if (name.startsWith('system / ')) return 3;
  if (name.startsWith('Node / ')) return 2;
  if (COMMON_NAMES.has(name)) return 3;
  if (PLATFORM_NAMES.has(name)) return 1;
  return CARRIED_NAMES.has(name) || NATIVE_NAMES.has(name) || Object.hasOwn(globalThis, name) ? 2 : 0;
}

/** What there is more of by at least `leastCount`, most telling first; only what `isSuspect`, when that is given. */
export function countLeft(
  before: KindCounts,
  after: KindCounts,
  leastCount: number,
  isSuspect: (kind: CountKind, name: string) => boolean = () => true,
): readonly Remainder[] {
  return COUNT_KINDS.flatMap((kind) => {
    const [was, is] = [before[kind], after[kind]];
    if (was === undefined || is === undefined) return [];
    const more = Object.entries(is).map(([name, count]): Remainder => ({
      kind,
      name,
      count: count - (was[name] ?? 0),
    }));
    return inOrder(more.filter(({ name, count }) => count >= leastCount && isSuspect(kind, name)));
  });
}

/** The most telling first. */
export function inOrder(left: readonly Remainder[]): readonly Remainder[] {
  return left.toSorted(
    (one, other) =>
      COUNT_KINDS.indexOf(one.kind) - COUNT_KINDS.indexOf(other.kind) ||
      rankOf(one) - rankOf(other) ||
      one.name.localeCompare(other.name),
  );
}

/** Plain objects alone: code that runs for the first time leaves as many. */
export function isAllCommon(left: readonly Remainder[]): boolean {
  return left.every((remainder) => rankOf(remainder) === 3);
}

function rankOf({ kind, name }: Pick<Remainder, 'kind' | 'name'>): number {
  return kind === 'instances' ? tellingRank(name) : 0;
}
