import { Command } from 'commander';

import { CHECK_OPTIONS } from './option-table.ts';
import { readValue } from './read-value.ts';
import { REPORT_FORMATS } from './report-formats.ts';
import { throwUsage } from './usage-error.ts';
import type { WantedReports } from './write-reports.ts';

/** What `watertight report` is asked for. */
export interface ReportRequest extends WantedReports {
  readonly resultFile: string;
  readonly github: boolean;
  readonly color: boolean;
}

const EXAMPLES = [
  'watertight report out/result.json',
  'watertight report out/result.json --report-junit junit.xml --report-sarif watertight.sarif',
];
const OTHER_FLAGS = ['report-dir', 'github', 'no-color'];

/** The command for commander. Throws `UsageError` out of its action. */
export function reportCommand(take: (request: ReportRequest) => void): Command {
  const command = new Command('report')
    .description('render a saved result again: to the terminal, or to any file that check can write')
    .argument('<result.json>', 'a result that check has written with --json or --report-dir')
    .helpOption('--help', 'explain the options, and end')
    .addHelpText('after', () => `\nExamples:\n${EXAMPLES.map((line) => `  ${line}`).join('\n')}`);
  const rows = CHECK_OPTIONS.filter(
    ({ flag }) => REPORT_FORMATS.some((format) => format.flag === flag) || OTHER_FLAGS.includes(flag),
  );
  for (const { flag, value, description } of rows)
    command.option(value === undefined ? `--${flag}` : `--${flag} <${value}>`, description);
  return command.action((resultFile: string, options: Readonly<Record<string, unknown>>) => {
    const problems: string[] = [];
    const paths = new Map<string, string>();
    for (const row of rows) {
      const raw = options[row.configKey ?? ''];
      if (row.kind.is === 'flag' || raw === undefined) continue;
      const read = readValue(row, raw, `--${row.flag}`, 'option');
      if (!read.ok) problems.push(read.problem);
      else if (typeof read.value === 'string') paths.set(row.flag, read.value);
    }
    throwUsage(problems);
    take({
      resultFile,
      files: REPORT_FORMATS.flatMap((format) => {
        const path = paths.get(format.flag);
        return path === undefined ? [] : [{ format, path }];
      }),
      folder: paths.get('report-dir'),
      github: options['github'] === true,
      color: options['color'] !== false,
    });
  });
}
