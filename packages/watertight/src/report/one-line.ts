import type { CheckResult } from '../verdict/types.ts';
import { escapeTerminal } from './escape.ts';
import { formatCount, formatSeconds } from './figures.ts';
import { excusedLeaks, excuseOf } from './told-problems.ts';

/** The result in one line, for a log or a mail of cron. */
export function renderOneLine(result: CheckResult): string {
  const { scenarios, target, stopped } = result;
  const broken = scenarios.flatMap(({ violations }) => violations.filter(({ expected }) => !expected));
  const leaks = scenarios.flatMap(({ findings }) => findings).filter((finding) => excuseOf(finding) === undefined);
  const excused = excusedLeaks(result);
  const parts = [
    formatCount(scenarios.length, 'scenario'),
    formatCount(result.socketsOpened, 'socket'),
    formatSeconds(result.elapsedMs),
    ...(leaks.length > 0 ? [formatCount(leaks.length, 'leak')] : []),
    ...(excused === undefined ? [] : [excused]),
    ...(broken.length > 0
      ? [`${formatCount(broken.length, 'violation')}: ${[...new Set(broken.map(({ step }) => step))].join(' ')}`]
      : []),
    ...(stopped === null ? [] : [`ended early: ${stopped.split('\n')[0]}`]),
  ];
  return `${escapeTerminal(`watertight: ${result.verdict} · ${target.url || target.label} · ${parts.join(' · ')} · exit code ${result.exitCode}`)}\n`;
}
