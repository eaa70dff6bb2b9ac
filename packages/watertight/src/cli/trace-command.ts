import { Command } from 'commander';

import { UsageError } from './usage-error.ts';

/** What `watertight trace` is asked for. */
export interface TraceRequest {
  readonly files: readonly string[];
  /** How many cycles lay between each file and the next; `undefined` when nobody says. */
  readonly cycles: readonly number[] | undefined;
  readonly className: string | undefined;
  readonly nodeId: number | undefined;
  readonly jsonFile: string | undefined;
}

const MAX_CYCLES = 1_000_000_000;

const EXAMPLES = [
  'watertight trace before.heapsnapshot after.heapsnapshot later.heapsnapshot --cycles 101,67',
  'watertight trace server.heapsnapshot --class Session',
  'watertight trace tab.heapsnapshot --node @12345',
];

/** The command for commander. Throws `UsageError` out of its action. */
export function traceCommand(take: (request: TraceRequest) => void, exitCodes: string): Command {
  const command = new Command('trace')
    .description('say who keeps what alive: in one heap snapshot, or what grows over several')
    .argument('<file...>', 'heap snapshots of Node or Chrome; several of one process in the order of time')
    .option('--cycles <n,…>', `cycles between each snapshot and the next (1 to ${MAX_CYCLES}; default: not said)`)
    .option('--class <name>', 'count, bytes and retaining path of a class (of the last snapshot)')
    .option('--node <@id>', 'bytes and retaining path of one object (of the last snapshot)')
    .option('--json <file>', 'write the result as JSON')
    .helpOption('--help', 'explain the options and exit codes, and end')
    .addHelpText('after', () => `\n${exitCodes}\n\nExamples:\n${EXAMPLES.map((line) => `  ${line}`).join('\n')}`);
  return command.action((files: string[], options: Readonly<Record<string, string>>) => {
    if (options['class'] !== undefined && options['node'] !== undefined)
      throw new UsageError('--class and --node exclude each other: one of them is told of at a time');
    const request = {
      files,
      cycles: options['cycles'] === undefined ? undefined : readCycles(options['cycles'], files.length),
      className: options['class'],
      nodeId: options['node'] === undefined ? undefined : readNodeId(options['node']),
      jsonFile: options['json'],
    };
    take(request);
  });
}

function readCycles(text: string, fileCount: number): readonly number[] {
  const cycles = text.split(',').map((part) => (/^\d{1,10}$/.test(part.trim()) ? Number(part) : Number.NaN));
  if (cycles.some((count) => !(count >= 1 && count <= MAX_CYCLES)))
    throw new UsageError(
      `--cycles is ${JSON.stringify(text)}; expected whole numbers from 1 to ${MAX_CYCLES}, such as 101,67`,
    );
  if (cycles.length !== fileCount - 1)
    throw new UsageError(
      `--cycles has ${cycles.length} numbers; ${fileCount} snapshots need ${fileCount - 1}, one for each interval`,
    );
  return cycles;
}

function readNodeId(text: string): number {
  const [, digits] = /^@?(\d{1,10})$/.exec(text) ?? [];
  if (digits === undefined) throw new UsageError(`--node is ${JSON.stringify(text)}; expected an id such as @12345`);
  return Number(digits);
}
