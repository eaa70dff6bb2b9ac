import type { Scenario } from '../scenarios/types.ts';
import { readBaseline } from './baseline.ts';
import type { CommandLine } from './command-line.ts';
import { loadConfig } from './config-file.ts';
import { loadOwnScenarios } from './own-scenarios.ts';
import type { Rooms } from './rooms.ts';
import { chooseScenarios } from './scenario-choice.ts';
import { readSettings, type CheckSettings } from './settings.ts';
import { prepareReports } from './write-reports.ts';

/** What a check is to do. */
export interface PreparedCheck {
  readonly settings: CheckSettings;
  readonly scenarios: readonly Scenario[];
  /** Fingerprints of leaks that are known; `undefined` where no baseline was given. */
  readonly baseline: ReadonlySet<string> | undefined;
}

/**
 * Reads everything that a check needs before it starts anything.
 * @throws {@link UsageError} naming what is wrong.
 */
export async function prepareCheck(
  line: CommandLine,
  configFile: string | undefined,
  rooms: Rooms,
): Promise<PreparedCheck> {
  const folder = process.cwd();
  const settings = readSettings(line, await loadConfig(folder, configFile));
  const own = await loadOwnScenarios(settings.scenarioFiles, folder, rooms.catalogue);
  const scenarios = chooseScenarios(rooms.catalogue, settings, (name) => rooms.findScenario(name), own);
  await prepareReports(settings.reports);
  const baseline = settings.baselineFile === undefined ? undefined : await readBaseline(settings.baselineFile);
  return { settings, scenarios, baseline };
}
