import type { CheckResult } from '../verdict/types.ts';
import { escapeTerminal } from './escape.ts';
import { pathInRepository, shownPlace } from './shown-place.ts';
import { problemsOf } from './told-problems.ts';

/** One entry of a code-quality report, as far as GitLab reads it. */
interface Issue {
  readonly description: string;
  readonly check_name: string;
  readonly fingerprint: string;
  readonly severity: 'info' | 'critical';
  readonly location: { readonly path: string; readonly lines: { readonly begin: number } };
}

/** Code quality for GitLab: every leak whose line is known, so that a merge request shows it there. What is excused is `info`. */
export function renderGitlab(result: CheckResult, folder: string, root = ''): string {
  const issues = problemsOf(result).flatMap((problem): Issue[] => {
    if (problem.is === 'violation') return [];
    const { finding, excuse } = problem;
    const place = shownPlace(finding);
    const path = place === undefined ? undefined : pathInRepository(place.file, folder, root);
    if (place === undefined || path === undefined) return [];
    return [
      {
        description: escapeTerminal(excuse === undefined ? finding.sentence : `${finding.sentence} (${excuse})`),
        check_name: `watertight/leak/${finding.kind}`,
        fingerprint: finding.fingerprint,
        severity: excuse === undefined ? 'critical' : 'info',
        location: { path, lines: { begin: Math.max(1, place.line) } },
      },
    ];
  });
  return `${JSON.stringify(issues, null, 2)}\n`;
}
