import { Command } from 'commander';

import { parseProcessPlace, type ProcessPlace } from './process-place.ts';
import { UsageError } from './usage-error.ts';

/** What `watertight observe` is asked for. */
export interface ObserveRequest {
  readonly where: ProcessPlace;
  /** From look to look, at least. */
  readonly windowMs: number;
  /** How many windows a place has to keep growing before anybody is told. */
  readonly windowCount: number;
  /** One sample for each so many bytes allocated. */
  readonly sampleBytes: number;
  /** The largest share of the time for which looks may stop the target, 0 to 1. */
  readonly maxShare: number;
  /** A look that stops the target for longer is the last one. */
  readonly maxStopMs: number;
  /** `undefined`: until it is interrupted. */
  readonly forMs: number | undefined;
  readonly json: boolean;
  readonly webhook: URL | undefined;
  readonly webhookFormat: 'generic' | 'slack';
}

type Values = Readonly<Record<string, string | boolean | undefined>>;

const UNITS_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };
const WINDOW_MS = { least: 250, most: 86_400_000 };
const FOR_MS = { least: 1_000, most: 2 ** 31 - 1 };

const EXAMPLES = [
  'watertight observe 4711',
  'watertight observe 127.0.0.1:9229 --window 10m --webhook https://hooks.example.com/ops',
  'watertight observe 4711 --for 8h --json',
];

const EXIT_TEXT = `Exit codes:
  0    observed until it was interrupted or --for had passed, and nothing keeps growing
  1    a place in the source keeps growing, or did until it was told to be over
  2    usage: an option is wrong; nothing was opened
  3    nothing can be concluded: the process cannot be looked into or has ended, a look stopped it for longer than --max-stop, or there were too few windows`;

/** The command for commander. Throws `UsageError` out of its action. */
export function observeCommand(take: (request: ObserveRequest) => void): Command {
  const command = new Command('observe')
    .description('watch a running server under its real traffic, and tell which places in its source keep growing')
    .argument('<pid|host:port>', 'a Node process, or the address of its inspector where one is open')
    .option('--window <time>', 'from look to look (250ms to 24h; default 5m); each look collects garbage in the target')
    .option('--windows <count>', 'how many windows a place has to grow before it is told (4 to 96; default 6)')
    .option('--sample <bytes>', 'one sample for each so many bytes allocated (1024 to 67108864 bytes; default 524288)')
    .option('--max-share <percent>', 'of the time the target may stand still for looks (0.01 to 50 %; default 1)')
    .option('--max-stop <ms>', 'a look that stops the target for longer is the last (1 to 60000 ms; default 1000)')
    .option('--for <time>', 'end by itself (1s to 596h; default: until Ctrl-C)')
    .option('--json', 'one line of JSON for each look, each alert, and the summary')
    .option('--webhook <url>', 'post each alert there as JSON, signed where WATERTIGHT_WEBHOOK_SECRET is set')
    .option('--webhook-format <format>', 'generic or slack (default generic)')
    .helpOption('--help', 'explain the options and exit codes, and end')
    .addHelpText('after', () => `\n${EXIT_TEXT}\n\nExamples:\n${EXAMPLES.map((line) => `  ${line}`).join('\n')}`);
  return command.action((where: string, values: Values) => take(readRequest(where, values)));
}

function readRequest(where: string, values: Values): ObserveRequest {
  return {
    where: readWhere(where),
    windowMs: readTime('--window', values['window'], WINDOW_MS) ?? 300_000,
    windowCount: readNumber('--windows', values['windows'], { least: 4, most: 96, unit: 'windows', whole: true }) ?? 6,
    sampleBytes:
      readNumber('--sample', values['sample'], { least: 1024, most: 2 ** 26, unit: 'bytes', whole: true }) ?? 524_288,
    maxShare: (readNumber('--max-share', values['maxShare'], { least: 0.01, most: 50, unit: '%' }) ?? 1) / 100,
    maxStopMs: readNumber('--max-stop', values['maxStop'], { least: 1, most: 60_000, unit: 'ms' }) ?? 1_000,
    forMs: readTime('--for', values['for'], FOR_MS),
    json: values['json'] === true,
    webhook: readWebhook(values['webhook']),
    webhookFormat: readFormat(values['webhookFormat']),
  };
}

function readWhere(given: string): ProcessPlace {
  const place = parseProcessPlace(given);
  if (place !== undefined) return place;
  throw new UsageError(
    `observe ${JSON.stringify(given)}: expected a process id such as 4711, or an inspector such as 127.0.0.1:9229`,
  );
}

function readTime(
  name: string,
  given: Values[string],
  { least, most }: { readonly least: number; readonly most: number },
): number | undefined {
  if (given === undefined) return undefined;
  const [, digits, unit = ''] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(String(given)) ?? [];
  const ms = Number(digits) * (UNITS_MS[unit as keyof typeof UNITS_MS] ?? NaN);
  if (ms >= least && ms <= most) return ms;
  throw new UsageError(
    `${name} is ${JSON.stringify(given)}; expected a time with its unit such as 30s, 5m or 8h, from ${least} to ${most} ms`,
  );
}

function readNumber(
  name: string,
  given: Values[string],
  { least, most, unit, whole = false }: { least: number; most: number; unit: string; whole?: boolean },
): number | undefined {
  if (given === undefined) return undefined;
  const value = /^\d+(\.\d+)?$/.test(String(given)) ? Number(given) : NaN;
  if (value >= least && value <= most && (!whole || Number.isInteger(value))) return value;
  const kind = whole ? 'a whole number' : 'a number';
  throw new UsageError(`${name} is ${JSON.stringify(given)}; expected ${kind} from ${least} to ${most} ${unit}`);
}

function readWebhook(given: Values[string]): URL | undefined {
  if (given === undefined) return undefined;
  const url = URL.canParse(String(given)) ? new URL(String(given)) : undefined;
  if (url !== undefined && /^https?:$/.test(url.protocol)) return url;
  throw new UsageError(`--webhook is ${JSON.stringify(given)}; expected an http: or https: URL`);
}

function readFormat(given: Values[string]): ObserveRequest['webhookFormat'] {
  if (given === undefined) return 'generic';
  if (given === 'generic' || given === 'slack') return given;
  throw new UsageError(`--webhook-format is ${JSON.stringify(given)}; expected generic or slack`);
}
