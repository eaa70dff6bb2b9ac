import { escapeTerminal } from '../report/escape.ts';
import { renderTerminal, wantsColor } from '../report/terminal.ts';
import { EXIT_INCONCLUSIVE } from './exit-codes.ts';
import { beginGithubStep } from './github-step.ts';
import type { ReportRequest } from './report-command.ts';
import { readResult } from './saved-result.ts';
import { tellEach } from './tell-each.ts';
import { UsageError } from './usage-error.ts';
import { prepareReports, writeReports } from './write-reports.ts';

/**
 * `watertight report`: renders a saved result. Answers 0 whatever its verdict, which is old news by now, and 3 where a file could not be written.
 * @throws {@link UsageError} for a file that holds no result.
 */
export async function report(request: ReportRequest): Promise<number> {
  const { resultFile, github, color } = request;
  const result = await readResult(resultFile);
  await prepareReports(request);
  const write = (text: string): void => void process.stdout.write(text);
  const step = github ? beginGithubStep(process.env, write) : undefined;
  try {
    const isToFiles = request.files.length > 0 || request.folder !== undefined;
    const text = renderTerminal(result, { color: wantsColor(process.stdout, process.env, color) });
    if (!isToFiles) write(text);
    const areTold = await tellEach(
      [
        () => writeReports(request, result, (file) => process.stderr.write(`written: ${file}\n`)),
        () => step?.tell(result),
      ],
      (error) => {
        if (error instanceof TypeError || !(error instanceof Error)) throw error;
        process.stderr.write(`watertight: a report could not be written: ${escapeTerminal(error.message)}\n`);
      },
    );
    return areTold ? 0 : EXIT_INCONCLUSIVE;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new UsageError(`${resultFile} is no whole result: ${error.message}`, { cause: error });
  } finally {
    step?.end();
  }
}
