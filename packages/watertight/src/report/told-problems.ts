import type { Finding } from '../verdict/finding.ts';
import type { CheckResult, Violation } from '../verdict/types.ts';
import { formatCount } from './figures.ts';

/** One thing that a pipeline shows: a leak with its cause, or a promise that was broken. */
export type Problem =
  | {
      readonly is: 'finding';
      readonly finding: Finding;
      readonly scenario: string;
      readonly excuse: string | undefined;
    }
  | { readonly is: 'violation'; readonly violation: Violation; readonly excuse: string | undefined };

/**
 * Every finding, and every violation that no finding of its scenario explains: a leak with a known cause is told once. What is
 * excused comes with the reason.
 */
export function problemsOf({ scenarios }: Pick<CheckResult, 'scenarios'>): readonly Problem[] {
  return scenarios.flatMap(({ name, findings, violations }) => [
    ...findings.map((finding): Problem => ({ is: 'finding', finding, scenario: name, excuse: excuseOf(finding) })),
    ...violations
      .filter(({ kind }) => kind === 'violation' || findings.length === 0)
      .map((violation): Problem => ({
        is: 'violation',
        violation,
        excuse: violation.expected ? 'expected by this run' : undefined,
      })),
  ]);
}

/** Why a leak does not convict, in words; `undefined` when it does. */
export function excuseOf({ allowed, known }: Finding): string | undefined {
  if (allowed !== null) return `allowed: ${allowed}`;
  return known === true ? 'known to the baseline' : undefined;
}

/** `1 known leak` or `3 known or allowed leaks`: what stays behind and convicts nobody. `undefined` when there is none. */
export function excusedLeaks({ scenarios }: Pick<CheckResult, 'scenarios'>): string | undefined {
  const excused = scenarios.flatMap(({ findings }) => findings).filter((finding) => excuseOf(finding) !== undefined);
  if (excused.length === 0) return undefined;
  const allowedCount = excused.filter(({ allowed }) => allowed !== null).length;
  const words = [...(allowedCount < excused.length ? ['known'] : []), ...(allowedCount > 0 ? ['allowed'] : [])];
  return formatCount(excused.length, `${words.join(' or ')} leak`);
}
