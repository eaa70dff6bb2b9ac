import type { CheckResult } from '../verdict/types.ts';
import { escapeTerminal } from './escape.ts';
import { formatSeconds } from './figures.ts';

/** The result in one line, for a log or a mail of cron. */
export function renderOneLine(result: CheckResult): string {
  const { scenarios, target, stopped } = result;
  const broken = scenarios.flatMap(({ violations }) => violations.filter(({ expected }) => !expected));
  const leaks = scenarios.reduce((sum, { findings }) => sum + findings.length, 0);
  const parts = [
    `${scenarios.length} scenarios`,
    `${result.socketsOpened} sockets`,
    formatSeconds(result.elapsedMs),
    ...(leaks > 0 ? [`${leaks} leaks`] : []),
    ...(broken.length > 0
      ? [`${broken.length} violations: ${[...new Set(broken.map(({ step }) => step))].join(' ')}`]
      : []),
    ...(stopped === null ? [] : [`ended early: ${stopped.split('\n')[0]}`]),
  ];
  return `${escapeTerminal(`watertight: ${result.verdict} · ${target.url || target.label} · ${parts.join(' · ')} · exit code ${result.exitCode}`)}\n`;
}
