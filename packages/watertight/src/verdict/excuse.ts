import { decideScenario } from './decide.ts';
import type { Finding } from './finding.ts';
import type { ScenarioResult, Violation } from './types.ts';

/** A leak that somebody has decided to live with, and why. */
export interface Allowance {
  /** Fits the finding with this fingerprint, or every one whose name is this or one of whose places is in this file. */
  readonly match: string;
  /** Shown in every report. Never empty. */
  readonly reason: string;
  /** Last day, as `2026-12-31`; from the next day on it allows nothing. Default: no end. */
  readonly until?: string | undefined;
}

export interface Excuses {
  readonly allow: readonly Allowance[];
  /** Fingerprints a baseline knows; `undefined` without one. */
  readonly baseline: ReadonlySet<string> | undefined;
  /** Today, as `2026-12-31`. */
  readonly today: string;
}

export interface Excused {
  readonly scenarios: readonly ScenarioResult[];
  /** Allowances that fitted nothing or whose time is over: to be taken out. */
  readonly idle: readonly string[];
}

/**
 * Says of every finding whether it is allowed or known. Where all findings of a scenario are, its leaks no longer convict it;
 * one that is new brings all of them back. A broken promise is never excused.
 */
export function excuseFindings(scenarios: readonly ScenarioResult[], excuses: Excuses): Excused {
  const used = new Set<Allowance>();
  const judged = scenarios.map((scenario) => {
    const findings = scenario.findings.map((finding): Finding => {
      const allowance = excuses.allow.find(
        (candidate) => isValid(candidate, excuses.today) && fits(candidate, finding),
      );
      if (allowance !== undefined) used.add(allowance);
      const known = excuses.baseline === undefined ? null : excuses.baseline.has(finding.fingerprint);
      return { ...finding, allowed: allowance?.reason ?? null, known };
    });
    const isExcused = findings.length > 0 && findings.every(({ allowed, known }) => allowed !== null || known === true);
    const violations = isExcused ? scenario.violations.map(excuseLeak) : scenario.violations;
    return { ...scenario, findings, violations, verdict: decideScenario(scenario.steps, violations) };
  });
  const idle = excuses.allow.filter((allowance) => !used.has(allowance));
  return { scenarios: judged, idle: idle.map((allowance) => sayIdle(allowance, excuses.today)) };
}

function excuseLeak(violation: Violation): Violation {
  return violation.kind === 'leak' ? { ...violation, expected: true } : violation;
}

function isValid({ until }: Allowance, today: string): boolean {
  return until === undefined || today <= until;
}

function fits({ match }: Allowance, finding: Finding): boolean {
  if (finding.fingerprint === match || finding.name === match) return true;
  const places = [...finding.allocationStack, ...(finding.definedAt === null ? [] : [finding.definedAt])];
  const retaining = (finding.retainedBy ?? []).flatMap(({ place }) => (place === null ? [] : [place]));
  return [...places, ...retaining].some(({ file }) => file === match);
}

function sayIdle(allowance: Allowance, today: string): string {
  const { match, reason, until } = allowance;
  const why = isValid(allowance, today) ? 'fits no finding of this run' : `was valid until ${until ?? ''}`;
  return `allow ${JSON.stringify(match)} (${reason}) ${why}`;
}
