import type { Finding } from '../src/verdict/finding.ts';
import type { CheckResult } from '../src/verdict/types.ts';
import { sample } from './sample-result.ts';

/** What somebody who wants to break a report names a class, a function or a file. */
export const HOSTILE = '</script><img src=x onerror="alert(1)">]]>\u001b[2J::error::%0A##[error]|`*';

const application = { is: 'application' } as const;

/** A leak with everything that can be known about one. */
export const leakOfSessions: Finding = {
  fingerprint: 'f00dfeed01',
  kind: 'objects',
  name: 'Session',
  growth: { is: 'leak', perCycle: 1, exact: true, low: 1, high: 1 },
  bytesPerCycle: 144,
  allocatedAt: { functionName: 'onUpgrade', file: 'src/chat room.ts', line: 12, column: 7, owner: application },
  allocationStack: [
    { functionName: 'onUpgrade', file: 'src/chat room.ts', line: 12, column: 7, owner: application },
    {
      functionName: 'completeUpgrade',
      file: 'node_modules/ws/lib/websocket-server.js',
      line: 420,
      column: 5,
      owner: { is: 'package', name: 'ws', version: '8.23.0' },
    },
    { functionName: 'emit', file: 'node:events', line: 517, column: 28, owner: { is: 'node' } },
  ],
  excerpt: {
    file: 'src/chat room.ts',
    firstLine: 10,
    markedLine: 12,
    lines: ['', 'function onUpgrade(socket) {', '\tconst session = new Session(socket);', '</script><b>bold</b>'],
  },
  allocations: [
    {
      stack: [{ functionName: 'onUpgrade', file: 'src/chat room.ts', line: 12, column: 7, owner: application }],
      objectsPerCycle: 1,
      bytesPerCycle: 100,
    },
    {
      stack: [{ functionName: '', file: 'src/chat room.ts', line: 14, column: 3, owner: application }],
      objectsPerCycle: 1,
      bytesPerCycle: 44,
    },
  ],
  definedAt: { functionName: 'Session', file: 'src/session.ts', line: 3, column: 14, owner: application },
  retainedBy: [
    { edge: '', edgeKind: 'root', name: '(global)', scope: null, place: null },
    {
      edge: 'sessions',
      edgeKind: 'variable',
      name: 'Map',
      scope: 'module scope',
      place: { functionName: '', file: 'src/chat room.ts', line: 4, column: 7, owner: application },
    },
    { edge: '', edgeKind: 'element', name: 'Session', scope: null, place: null },
  ],
  keptBy: 'Map sessions (src/chat room.ts:4) ← module scope',
  independentRetainers: 2,
  traceNote: null,
  endings: { leaking: ['rst', 'vanish'], clean: ['close-frame'] },
  carriedAlong: [{ name: 'Timeout', perCycle: 1 }],
  windows: [
    { cycles: 37, grew: 37 },
    { cycles: 34, grew: 34 },
    { cycles: 29, grew: 29 },
  ],
  allowed: null,
  known: null,
  title: '1 Session per connection (144 B)',
  sentence:
    '1 Session per connection (144 B) — src/chat room.ts:12:7 in onUpgrade — on rst, vanish, not on close-frame',
};

/** The same where every name is hostile. */
export const hostileLeak: Finding = {
  ...leakOfSessions,
  fingerprint: 'bad0bad0',
  name: HOSTILE,
  title: `1 ${HOSTILE} per connection`,
  sentence: `1 ${HOSTILE} per connection\nsecond line`,
  allocationStack: [{ functionName: HOSTILE, file: `src/${HOSTILE}.ts`, line: 0, column: 0, owner: application }],
  carriedAlong: [{ name: HOSTILE, perCycle: 1 }],
  endings: null,
};

const timings = {
  'socket gone': { count: 5, p50Ms: 9, p95Ms: 600, p99Ms: 600, maxMs: 600 },
  'silence noticed': { count: 1, p50Ms: 1_500, p95Ms: 1_500, p99Ms: 1_500, maxMs: 1_500 },
};

const evidence: NonNullable<CheckResult['scenarios'][number]['evidence']> = {
  looks: [0, 37, 34, 29].map((cycles, index) => ({
    cycles,
    atMs: index * 900,
    heapUsedBytes: 6_000_000 + index * 9_000,
  })),
  rows: [
    { kind: 'managers', name: 'held', counts: [0, 2, 0, 0], perCycle: null },
    { kind: 'sockets', name: 'ESTABLISHED', counts: [4, 4, 5, 4], perCycle: null },
    { kind: 'sockets', name: 'LISTEN', counts: [1, 1, 1, 1], perCycle: null },
    { kind: 'objects', name: 'Session', counts: [3, 40, 74, 103], perCycle: 1 },
  ],
  unseen: [],
  endings: ['rst', HOSTILE],
  controls: [{ kind: 'objects', name: 'all 113 that do not grow', counts: [900, 901, null, 900], perCycle: null }],
};

/** A result with a leak, one that is allowed, one that the baseline knows, one without a line and a hostile one. */
export const leaky: CheckResult = withFindings([
  leakOfSessions,
  { ...leakOfSessions, fingerprint: 'a110wed', name: 'Ring', allowed: 'a ring of 500', known: false },
  { ...leakOfSessions, fingerprint: 'cafe', name: 'Cache', known: true },
  {
    ...leakOfSessions,
    fingerprint: '0000',
    kind: 'descriptors',
    name: 'file descriptor (socket)',
    allocationStack: [],
    definedAt: null,
    retainedBy: null,
    title: '1 file descriptor (socket) per connection',
    sentence: '1 file descriptor (socket) per connection',
  },
  hostileLeak,
]);

/** The sample with these findings in its stress scenario. */
export function withFindings(findings: readonly Finding[]): CheckResult {
  const scenarios = sample.scenarios.map((scenario) =>
    scenario.name === 'rapid-connection-cycles-stress'
      ? { ...scenario, findings, evidence, timings, samplesMs: { 'socket gone': [1, 4, 9, 90, 600] } }
      : scenario,
  );
  return { ...sample, scenarios };
}
