import { EXIT_INCONCLUSIVE, EXIT_USAGE } from './exit-codes.ts';
import { parseArguments } from './program.ts';
import { UsageError } from './usage-error.ts';
import { ownVersion } from './version.ts';
import { escapeLines } from '../report/escape.ts';

/** Everything between the arguments and the exit code. Never rejects. */
export async function run(argv: readonly string[]): Promise<number> {
  try {
    const version = ownVersion();
    const invocation = parseArguments(argv, version);
    if (invocation.do === 'print') {
      process.stdout.write(invocation.text);
      return 0;
    }
    if (invocation.do === 'trace') {
      const { trace } = await import('./trace.ts');
      return await trace(invocation.request);
    }
    if (invocation.do === 'report') {
      const { report } = await import('./report.ts');
      return await report(invocation.request);
    }
    if (invocation.do === 'top') {
      const { top } = await import('./top.ts');
      return await top(invocation.request);
    }
    if (invocation.do === 'observe') {
      const { observeTraffic } = await import('./observe-traffic.ts');
      return await observeTraffic(invocation.request);
    }
    if (invocation.do === 'init') {
      const { init } = await import('./init.ts');
      const { stdin: input, stdout: output } = process;
      return await init(invocation.request, { cwd: process.cwd(), input, output, isTerminal: input.isTTY });
    }
    // Loaded late: --help and a misspelt option answer at once.
    const { rooms } = await import('./rooms-wiring.ts');
    if (invocation.do === 'list') {
      const { renderList } = await import('./list.ts');
      process.stdout.write(renderList(rooms.catalogue));
      return 0;
    }
    const { check } = await import('./check.ts');
    return await check(invocation.line, invocation.configFile, { argv, version }, rooms);
  } catch (error) {
    if (error instanceof UsageError) {
      say(`watertight: ${error.message}`);
      return EXIT_USAGE;
    }
    say(`watertight itself failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    return EXIT_INCONCLUSIVE;
  }
}

function say(text: string): void {
  process.stderr.write(`${escapeLines(text).join('\n')}\n`);
}
