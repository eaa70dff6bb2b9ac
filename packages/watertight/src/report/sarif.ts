import type { Location, Log, Notification, ReportingDescriptor, Result, StackFrame } from 'sarif';

import type { Finding, Place } from '../verdict/finding.ts';
import type { CheckResult } from '../verdict/types.ts';
import { escapeTerminal } from './escape.ts';
import { findingLines } from './findings.ts';
import { placeText } from './place-text.ts';
import { pathInRepository, shownPlace } from './shown-place.ts';
import { problemsOf, type Problem } from './told-problems.ts';

const SCHEMA = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json';

/** The path of a file in the repository; `undefined` when it is in none. */
type PathOf = (file: string) => string | undefined;

/** What a kind of leak is called in the list of rules. */
const LEAKS: Readonly<Record<Finding['kind'], string>> = {
  objects: 'Objects stay behind after connections have ended',
  collection: 'A collection grows with every connection',
  timers: 'Timers stay behind after connections have ended',
  listeners: 'Listeners stay behind after connections have ended',
  handles: 'Handles stay behind after connections have ended',
  sockets: 'Sockets stay behind after connections have ended',
  descriptors: 'File descriptors stay behind after connections have ended',
  'native-memory': 'Memory outside the heap grows with every connection',
  processes: 'Child processes stay behind after connections have ended',
  threads: 'Threads stay behind after connections have ended',
  promises: 'Promises are never settled after connections have ended',
  realms: 'vm contexts stay behind after connections have ended',
  managers: 'Managers stay behind after connections have ended',
  gauges: 'A gauge of the metrics grows with every connection',
  users: 'Users stay behind after their connections have ended',
};

/**
 * SARIF 2.1.0: a result for each leak whose line is known, with the allocation stack and what keeps it. What has no line, such as a
 * promise that was broken or a run that was stopped, becomes a notification of the run: a result without a line is refused by GitHub.
 */
export function renderSarif(result: CheckResult, folder: string, root = ''): string {
  const problems = problemsOf(result);
  const pathOf: PathOf = (file) => pathInRepository(file, folder, root);
  const results = problems.flatMap((problem) => resultOf(problem, pathOf));
  const rules = new Map(results.map(({ ruleId = '' }) => [ruleId, ruleOf(ruleId)]));
  const log: Log = {
    version: '2.1.0',
    $schema: SCHEMA,
    runs: [
      {
        tool: {
          driver: { name: result.tool.name, semanticVersion: result.tool.version, rules: [...rules.values()] },
        },
        automationDetails: { id: 'watertight/check' },
        columnKind: 'utf16CodeUnits',
        invocations: [
          {
            commandLine: escapeTerminal(result.command),
            startTimeUtc: result.startedAt,
            executionSuccessful: result.stopped === null,
            exitCode: result.exitCode,
            toolExecutionNotifications: notificationsOf(result, problems, pathOf),
          },
        ],
        results,
      },
    ],
  };
  return `${JSON.stringify(log, null, 2)}\n`;
}

function resultOf(problem: Problem, pathOf: PathOf): Result[] {
  if (problem.is === 'violation') return [];
  const { finding, scenario, excuse } = problem;
  const place = shownPlace(finding);
  const location = place === undefined ? undefined : locationOf(place, pathOf);
  if (location === undefined) return [];
  const stack = finding.allocationStack.flatMap((frame) => frameOf(frame, pathOf));
  const related = (finding.retainedBy ?? []).flatMap(({ place: kept, name, edge }) => {
    const found = kept === null ? undefined : locationOf(kept, pathOf);
    return found === undefined
      ? []
      : [{ ...found, message: { text: escapeTerminal(`keeps it: ${edge === '' ? name : `${name} ${edge}`}`) } }];
  });
  const isKnown = finding.known === null ? {} : ({ baselineState: finding.known ? 'unchanged' : 'new' } as const);
  return [
    {
      ruleId: `leak/${finding.kind}`,
      level: 'error',
      message: { text: textOf(finding) },
      locations: [location],
      ...(related.length === 0 ? {} : { relatedLocations: related }),
      ...(stack.length === 0
        ? {}
        : { stacks: [{ message: { text: 'where what stays was allocated' }, frames: stack }] }),
      partialFingerprints: { 'watertight/v1': finding.fingerprint },
      ...isKnown,
      ...(excuse === undefined ? {} : { suppressions: [{ kind: 'external', justification: escapeTerminal(excuse) }] }),
      properties: { scenario, bytesPerConnection: finding.bytesPerCycle, growth: finding.growth },
    },
  ];
}

function textOf(finding: Finding): string {
  const lines = findingLines(finding).map(({ label, text }) =>
    escapeTerminal(`${label === '' ? '' : `${label}: `}${text}`),
  );
  return [escapeTerminal(finding.sentence), ...lines].join('\n');
}

function notificationsOf(result: CheckResult, problems: readonly Problem[], pathOf: PathOf): Notification[] {
  const placeless = problems.flatMap((problem): Notification[] => {
    const level = problem.excuse === undefined ? 'error' : 'note';
    if (problem.is === 'violation') return [notification(problem.violation.type, problem.violation.message, level)];
    if (resultOf(problem, pathOf).length > 0) return [];
    return [notification(`leak/${problem.finding.kind}`, problem.finding.sentence, level)];
  });
  const stopped = result.stopped === null ? [] : [notification('stopped', result.stopped, 'error')];
  const doubtful = result.scenarios
    .flatMap(({ steps }) => steps)
    .filter(({ status }) => status === 'inconclusive')
    .map(({ id, note }) => notification('inconclusive', `${id}: ${note ?? ''}`, 'warning'));
  return [...placeless, ...stopped, ...doubtful];
}

function notification(id: string, text: string, level: 'error' | 'warning' | 'note'): Notification {
  return { descriptor: { id }, level, message: { text: escapeTerminal(text) } };
}

function ruleOf(id: string): ReportingDescriptor {
  const kind = id.slice('leak/'.length) as Finding['kind'];
  return {
    id,
    name: `Leak${kind.replaceAll(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase())}`,
    shortDescription: { text: LEAKS[kind] },
    defaultConfiguration: { level: 'error' },
    properties: { tags: ['resource-leak', 'websocket'], precision: 'very-high' },
  };
}

function frameOf(place: Place, pathOf: PathOf): StackFrame[] {
  const location = locationOf(place, pathOf);
  return location === undefined
    ? []
    : [{ location: { ...location, message: { text: escapeTerminal(placeText(place)) } } }];
}

function locationOf(place: Place, pathOf: PathOf): Location | undefined {
  const path = pathOf(place.file);
  if (path === undefined) return undefined;
  const uri = path.toWellFormed().split('/').map(encodeURIComponent).join('/');
  return {
    physicalLocation: {
      artifactLocation: { uri, uriBaseId: '%SRCROOT%' },
      region: { startLine: Math.max(1, place.line), startColumn: Math.max(1, place.column) },
    },
    logicalLocations: [{ name: escapeTerminal(place.functionName || '(anonymous)'), kind: 'function' }],
  };
}
