import { Command } from 'commander';

import { parseProcessPlace, type ProcessPlace } from './process-place.ts';
import { UsageError } from './usage-error.ts';

/** What `watertight top` is asked for. */
export interface TopRequest {
  readonly where: ProcessPlace | { readonly dashboard: URL };
  readonly factory: string | undefined;
  readonly intervalMs: number;
  readonly once: boolean;
  readonly json: boolean;
}

const DEFAULT_INTERVAL_MS = 1_000;
const INTERVAL_MS = { least: 100, most: 3_600_000 };

const EXAMPLES = [
  'watertight top 4711',
  'watertight top 127.0.0.1:9229 --interval 5000',
  'watertight top 4711 --once --json',
  'watertight top https://chat.example.com/watertight/',
];

/** The command for commander. Throws `UsageError` out of its action. */
export function topCommand(take: (request: TopRequest) => void): Command {
  const command = new Command('top')
    .description('show what a running server on @watertight/server holds, again and again')
    .argument(
      '<pid|host:port|url>',
      'a Node process, the address of its inspector where one is open, or the URL of its dashboard (its token in WATERTIGHT_DASHBOARD_TOKEN)',
    )
    .option('--factory <name>', 'which factory, where the process has several (default: the first that is open)')
    .option(
      '--interval <ms>',
      `how often (${INTERVAL_MS.least} to ${INTERVAL_MS.most} ms; default ${DEFAULT_INTERVAL_MS})`,
    )
    .option('--once', 'show it once, and end')
    .option('--json', 'one line of JSON each time: the statistics as the factory tells them')
    .helpOption('--help', 'explain the options, and end')
    .addHelpText('after', () => `\nExamples:\n${EXAMPLES.map((line) => `  ${line}`).join('\n')}`);
  return command.action((where: string, options: Readonly<Record<string, string | boolean | undefined>>) => {
    const { factory } = options;
    take({
      where: readWhere(where),
      factory: typeof factory === 'string' ? factory : undefined,
      intervalMs: readInterval(options['interval']),
      once: options['once'] === true,
      json: options['json'] === true,
    });
  });
}

function readWhere(given: string): TopRequest['where'] {
  if (/^https?:/.test(given) && URL.canParse(given)) return { dashboard: new URL(given) };
  const place = parseProcessPlace(given);
  if (place !== undefined) return place;
  throw new UsageError(
    `top ${JSON.stringify(given)}: expected a process id such as 4711, an inspector such as 127.0.0.1:9229, or the http: URL of a dashboard`,
  );
}

function readInterval(given: string | boolean | undefined): number {
  if (given === undefined) return DEFAULT_INTERVAL_MS;
  const intervalMs = Number(given);
  if (intervalMs >= INTERVAL_MS.least && intervalMs <= INTERVAL_MS.most) return intervalMs;
  throw new UsageError(
    `--interval is ${JSON.stringify(given)}; expected ${INTERVAL_MS.least} to ${INTERVAL_MS.most} milliseconds`,
  );
}
