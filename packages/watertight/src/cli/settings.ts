import type { GaugeChoice } from '../evidence/gauges.ts';
import { COVERAGE_MODES, type CoverageMode, type Effort, type SoakPlan } from '../scenarios/types.ts';
import type { Allowance } from '../verdict/excuse.ts';
import { isViolationType, VIOLATION_TYPES, type ViolationType } from '../verdict/violation-types.ts';
import type { CommandLine, Given } from './command-line.ts';
import { givenText } from './given-text.ts';
import type { Config } from './config-file.ts';
import { type FleetSettings, POLITE, readFleet } from './fleet-settings.ts';
import { CHECK_OPTIONS, numberDefault } from './option-table.ts';
import { readValue, type OptionValue } from './read-value.ts';
import { REPORT_FORMATS } from './report-formats.ts';
import { isSuite, type Suite } from './suites.ts';
import { readTarget, type TargetChoice } from './target-choice.ts';
import { loginProblem } from './url-login.ts';
import { throwUsage } from './usage-error.ts';
import type { WantedReports } from './write-reports.ts';

const MINUTE_MS = 60_000;
const LONG_EXTRA_MS = 1_200_000;

/** What a run of `check` was asked for; everything is validated. */
export interface CheckSettings {
  readonly target: TargetChoice;
  /** Path and query of the WebSocket where no URL says it. */
  readonly path: string | undefined;
  readonly waitFor: string | undefined;
  /** `undefined`: the drive's own default. */
  readonly user: string | undefined;
  readonly userCommand: string | undefined;
  /** A name or a file; `undefined`: none was asked for. */
  readonly recipe: string | undefined;
  readonly send: readonly string[];
  readonly subscribe: string | undefined;
  /** Whose gauges are followed; `undefined`: nobody's. */
  readonly gauges: GaugeChoice | undefined;
  readonly limit: Given<number> | undefined;
  readonly deadlineMs: Given<number> | undefined;
  readonly silenceMs: Given<number> | undefined;
  readonly emergencyThreshold: Given<number> | undefined;
  /** Names or aliases as given; empty = the default choice. */
  readonly only: readonly string[];
  /** `undefined`: the default choice. */
  readonly suite: Suite | undefined;
  /** Files of scenarios of the user's own. */
  readonly scenarioFiles: readonly string[];
  readonly isLong: boolean;
  readonly soak: SoakPlan | undefined;
  /** Of the next version, for a shell; `undefined`: the same command once more. */
  readonly nextCommand: string | undefined;
  readonly leaseMs: number | undefined;
  readonly fleet: FleetSettings;
  readonly coverage: CoverageMode | undefined;
  readonly cycles: number;
  readonly seed: number;
  readonly settleMs: number;
  readonly timeoutMs: number;
  readonly effort: Effort;
  readonly baselineFile: string | undefined;
  readonly allow: readonly Allowance[];
  readonly expected: readonly ViolationType[];
  readonly bail: boolean;
  readonly reports: WantedReports;
  /** Annotations and a job summary for the GitHub workflow that runs this. */
  readonly github: boolean;
  readonly color: boolean;
}

/** Puts command line over config over defaults. Throws one `UsageError` that names everything that is wrong. */
export function readSettings(line: CommandLine, config: Config): CheckSettings {
  const problems: string[] = [];
  const given = new Map<string, Given<OptionValue>>(
    [...config.values].map(([key, value]) => [key, { by: 'config', value }]),
  );
  for (const row of CHECK_OPTIONS) {
    if (row.configKey === null || !line.raw.has(row.configKey)) continue;
    const read = readValue(row, line.raw.get(row.configKey), `--${row.flag}`, 'option');
    if (read.ok) given.set(row.configKey, { by: 'option', value: read.value });
    else problems.push(read.problem);
  }
  const text = (key: string): string | undefined => givenText(given, key);
  const number = (key: string): Given<number> | undefined => {
    const entry = given.get(key);
    return entry !== undefined && typeof entry.value === 'number' ? { by: entry.by, value: entry.value } : undefined;
  };
  const list = (key: string): readonly string[] => {
    const value = given.get(key)?.value;
    return typeof value === 'object' ? value : [];
  };
  const coverage = text('coverage');
  const target = readTarget(line, given, problems);
  const expected = list('expect').filter((type) => {
    if (isViolationType(type)) return true;
    problems.push(`--expect is ${JSON.stringify(type)}; known are ${Object.keys(VIOLATION_TYPES).join(', ')}`);
    return false;
  });
  const path = text('path');
  if (path !== undefined && !path.startsWith('/'))
    problems.push(`--path is ${JSON.stringify(path)}; expected a path that begins with /`);
  const waitFor = text('waitFor');
  if (waitFor !== undefined && /^(https?|wss?):\/\//.test(waitFor) && !URL.canParse(waitFor))
    problems.push(`--wait-for is ${JSON.stringify(waitFor)}, which begins like a URL and is none`);
  const fleet = readFleet(target, given, problems);
  const soakMinutes = number('soakForMinutes')?.value;
  const soakFile = text('soakFile');
  const gauges = readGaugeChoice(text('metrics'), list('gauges'), problems);
  throwUsage(problems);
  const isNamed = list('only').length + list('scenario').length > 0;
  const suite = text('suite') ?? (fleet.isElsewhere && !isNamed ? 'gentle' : undefined);
  const usual = (key: 'cycles' | 'concurrency' | 'budgetMs'): number =>
    number(key)?.value ?? (fleet.isElsewhere ? POLITE[key] : numberDefault(key));
  const isLong = given.get('long')?.value === true;
  const soakMs = soakMinutes === undefined ? undefined : soakMinutes * MINUTE_MS;
  return {
    target,
    path: 'url' in target && target.url !== undefined ? undefined : path,
    waitFor: 'command' in target ? waitFor : undefined,
    user: text('user'),
    userCommand: text('userCommand'),
    recipe: text('recipe'),
    send: list('send'),
    subscribe: text('subscribe'),
    gauges,
    limit: number('limit'),
    deadlineMs: number('deadlineMs'),
    silenceMs: number('silenceMs'),
    emergencyThreshold: number('emergencyThreshold'),
    only: list('only'),
    suite: isSuite(suite) ? suite : undefined,
    scenarioFiles: list('scenario'),
    isLong,
    soak: soakMs === undefined && soakFile === undefined ? undefined : { durationMs: soakMs, file: soakFile },
    nextCommand: text('nextCommand'),
    leaseMs: number('leaseMs')?.value,
    fleet,
    coverage: COVERAGE_MODES.find((mode) => mode === coverage),
    cycles: usual('cycles'),
    seed: number('seed')?.value ?? numberDefault('seed'),
    settleMs: number('settleMs')?.value ?? numberDefault('settleMs'),
    // A soak is given its time on top, and so is the long way.
    timeoutMs: number('timeoutMs')?.value ?? numberDefault('timeoutMs') + (soakMs ?? 0) + (isLong ? LONG_EXTRA_MS : 0),
    effort: {
      concurrency: usual('concurrency'),
      newUsers: given.get('newUsers')?.value === true,
      budgetMs: usual('budgetMs'),
      plant: given.get('plant')?.value === true,
      silentPeers: true,
      places: true,
      trace: given.get('noTrace')?.value !== true,
      maxStopMs: number('maxStopMs')?.value ?? numberDefault('maxStopMs'),
      artefactDir: text('reportDir'),
    },
    baselineFile: text('baseline'),
    allow: config.allow,
    expected: expected.filter(isViolationType),
    bail: given.get('bail')?.value === true,
    reports: {
      files: REPORT_FORMATS.flatMap((format) => {
        const file = text(format.configKey);
        return file === undefined ? [] : [{ format, path: file }];
      }),
      folder: text('reportDir'),
    },
    github: given.get('github')?.value === true,
    color: given.get('noColor')?.value !== true,
  };
}

function readGaugeChoice(
  url: string | undefined,
  names: readonly string[],
  problems: string[],
): GaugeChoice | undefined {
  if (url === undefined) {
    if (names.length > 0) problems.push('--gauge names a gauge of --metrics <url>, which is missing');
    return undefined;
  }
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const problem =
    parsed === undefined || !/^https?:$/.test(parsed.protocol)
      ? `--metrics is ${JSON.stringify(url)}; expected a URL that begins with http:// or https://`
      : loginProblem('metrics', parsed);
  if (problem !== undefined) problems.push(problem);
  return { url, names };
}
