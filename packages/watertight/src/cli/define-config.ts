import type { Allowance } from '../verdict/excuse.ts';
import type { ViolationType } from '../verdict/violation-types.ts';

/** What `watertight.config.ts`, `.mjs` or `.json` may say. The command line wins; limits and defaults: `watertight check --help`. */
export interface WatertightConfig {
  /** The command to start, as a list of words. Not together with `url`. */
  readonly command?: readonly string[];
  /** A server that is already running, `ws://` or `wss://`. */
  readonly url?: string;
  /** A process that is already running. Not together with `command` or `inspect`. */
  readonly pid?: number;
  /** The inspector of a process that is already running, `host:port`. Not together with `command` or `pid`. */
  readonly inspect?: string;
  readonly path?: string;
  readonly waitFor?: string;
  readonly user?: string;
  readonly userCommand?: string;
  /** A built-in recipe, or the file of your own. */
  readonly recipe?: string;
  readonly send?: readonly string[];
  readonly subscribe?: string;
  /** Where the server shows its metrics, `http://` or `https://`. */
  readonly metrics?: string;
  /** Gauges there that come back when clients are gone. */
  readonly gauges?: readonly string[];
  /** Promise: managers per user. */
  readonly limit?: number;
  /** Promise, in milliseconds. */
  readonly deadlineMs?: number;
  /** Promise, in milliseconds: a peer that vanished or stalls is noticed this soon. */
  readonly silenceMs?: number;
  /** Promise: a share of the limit, 0.01 to 1. */
  readonly emergencyThreshold?: number;
  readonly only?: readonly string[];
  readonly suite?: 'critical' | 'production' | 'gentle' | 'all';
  /** Files of scenarios of your own. */
  readonly scenario?: readonly string[];
  readonly long?: boolean;
  readonly soakForMinutes?: number;
  readonly soakFile?: string;
  readonly nextCommand?: string;
  /** Promise, in milliseconds: what a killed process held in a shared quota is free this soon. */
  readonly leaseMs?: number;
  readonly iOwnThisHost?: boolean;
  readonly ratePerSecond?: number;
  /** `name: value` each. */
  readonly header?: readonly string[];
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly insecure?: boolean;
  readonly proxy?: string;
  readonly scheduled?: boolean;
  readonly push?: string;
  readonly textfile?: string;
  readonly coverage?: 'quick' | 'classic' | 'each' | 'full' | 'production';
  readonly cycles?: number;
  readonly seed?: number;
  readonly settleMs?: number;
  readonly timeoutMs?: number;
  readonly concurrency?: number;
  readonly newUsers?: boolean;
  readonly budgetMs?: number;
  readonly plant?: boolean;
  readonly noTrace?: boolean;
  readonly maxStopMs?: number;
  /** The JSON result of an earlier run. */
  readonly baseline?: string;
  /** Leaks that somebody has decided to live with; each needs a reason, which every report shows. */
  readonly allow?: readonly Allowance[];
  readonly expect?: readonly ViolationType[];
  readonly bail?: boolean;
  readonly json?: string;
  readonly reportMd?: string;
  readonly reportHtml?: string;
  readonly reportJunit?: string;
  readonly reportSarif?: string;
  readonly reportGitlab?: string;
  readonly reportDir?: string;
  readonly github?: boolean;
  readonly noColor?: boolean;
}

/** Answers its argument: for completion and type checks in `watertight.config.ts`. */
export function defineConfig(config: WatertightConfig): WatertightConfig {
  return config;
}
