import type { CheckResult } from '../verdict/types.ts';
import { escapeTerminal } from './escape.ts';
import { formatSeconds } from './figures.ts';
import { excusedLeaks, excuseOf } from './told-problems.ts';

/** The result in one line, for a log or a mail of cron. */
export function renderOneLine(result: CheckResult): string {
  const { scenarios, target, stopped } = result;
  const broken = scenarios.flatMap(({ violations }) => violations.filter(({ expected }) => !expected));
  const leaks = scenarios.flatMap(({ findings }) => findings).filter((finding) => excuseOf(finding) === undefined);
  const excused = excusedLeaks(result);
  const parts = [
    `${scenarios.length} scenarios`,
    `${result.socketsOpened} sockets`,
    formatSeconds(result.elapsedMs),
    ...(leaks.length > 0 ? [`${leaks.length} leaks`] : []),
    ...(excused === undefined ? [] : [excused]),
    ...(broken.length > 0
      ? [`${broken.length} violations: ${[...new Set(broken.map(({ step }) => step))].join(' ')}`]
      : []),
    ...(stopped === null ? [] : [`ended early: ${stopped.split('\n')[0]}`]),
  ];
  return `${escapeTerminal(`watertight: ${result.verdict} · ${target.url || target.label} · ${parts.join(' · ')} · exit code ${result.exitCode}`)}\n`;
}
