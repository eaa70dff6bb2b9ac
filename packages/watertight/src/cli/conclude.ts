import { listBlindSpots, type SeenClients } from '../verdict/blind-spots.ts';
import { decideRun, judgeExpectations } from '../verdict/decide.ts';
import { excuseFindings } from '../verdict/excuse.ts';
import { suggestNextSteps } from '../verdict/next-steps.ts';
import type { Complaint, ToldComplaint } from '../verdict/complaint.ts';
import type { CheckResult, ScenarioResult } from '../verdict/types.ts';
import { commandText } from './command-text.ts';
import { describeEnvironment } from './environment.ts';
import type { Observation } from './observation.ts';
import type { CheckSettings } from './settings.ts';
import { targetText } from './target-choice.ts';
import { describeFailure } from './target-failure.ts';

/** Turns what was seen into the result that every report renders. */
export function conclude(
  seen: Observation,
  settings: CheckSettings,
  run: {
    readonly startedAt: Date;
    readonly elapsedMs: number;
    readonly argv: readonly string[];
    readonly version: string;
    readonly stopped: string | undefined;
    /** Fingerprints that the baseline knows. */
    readonly baseline: ReadonlySet<string> | undefined;
  },
): CheckResult {
  const stopped = seen.failure === undefined ? (run.stopped ?? null) : describeFailure(seen.failure);
  const excused = excuseFindings(seen.scenarios, {
    allow: settings.allow,
    baseline: run.baseline,
    today: run.startedAt.toISOString().slice(0, 'yyyy-mm-dd'.length),
  });
  const expectations = judgeExpectations(settings.expected, excused.scenarios, stopped);
  const scenarios = expectations === undefined ? excused.scenarios : [...excused.scenarios, expectations];
  const label = targetText(settings.target);
  const target = {
    label: seen.target?.label ?? label,
    url: seen.target?.url.href ?? '',
    pid: seen.target?.pid ?? null,
    insideView: seen.insideView,
    factory: seen.factory,
  };
  const common = { target, promises: seen.promises, scenarios, coverage: seen.coverage, stopped, seed: settings.seed };
  const insecure = settings.fleet.isInsecure
    ? ['INSECURE: the certificate of the server was not checked (--insecure); nothing shows that it was the right one.']
    : [];
  return {
    format: 1,
    tool: { name: 'watertight', version: run.version },
    startedAt: run.startedAt.toISOString(),
    elapsedMs: run.elapsedMs,
    command: commandText(['watertight', ...run.argv]),
    environment: describeEnvironment(),
    ...decideRun(scenarios, stopped),
    ...common,
    complaints: seen.complaints.map((complaint) => tell(complaint, seen.scenarios)),
    socketsOpened: seen.socketsOpened,
    blindSpots: [
      ...insecure,
      ...listBlindSpots({ ...common, insideNote: seen.insideNote, clients: clientsOf(seen, settings) }),
    ],
    nextSteps: [...suggestNextSteps(common), ...excused.idle.map((entry) => `Take out of the config: ${entry}`)],
  };
}

function clientsOf({ recipe }: Observation, { fleet }: CheckSettings): SeenClients | undefined {
  if (recipe === undefined) return undefined;
  return { recipe, isElsewhere: fleet.isElsewhere, isProxied: fleet.proxy !== undefined };
}

/** How often a client life led to it is known where lives were counted. */
function tell(complaint: Complaint, scenarios: readonly ScenarioResult[]): ToldComplaint {
  const rows = scenarios.flatMap(({ evidence }) => evidence?.rows ?? []);
  const row = rows.find(({ kind, name }) => kind === 'complaints' && name === complaint.name);
  return { ...complaint, perCycle: row?.perCycle ?? null };
}
