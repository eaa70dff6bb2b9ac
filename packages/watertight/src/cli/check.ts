import { renderOneLine } from '../report/one-line.ts';
import { createProgress, type Progress, SILENT } from '../report/progress.ts';
import { renderPrometheus } from '../report/prometheus.ts';
import { renderTerminal, wantsColor } from '../report/terminal.ts';
import type { Target } from '../target/types.ts';
import { conclude } from './conclude.ts';
import { EXIT_INCONCLUSIVE } from './exit-codes.ts';
import { beginGithubStep } from './github-step.ts';
import { examineTarget } from './examine-target.ts';
import { prepareCheck } from './prepare-check.ts';
import { pushMetrics } from './push.ts';
import type { Rooms } from './rooms.ts';
import type { CommandLine } from './command-line.ts';
import { type Secrets, secretsOf } from './secrets.ts';
import { listenForStop } from './stop-signal.ts';
import { tellEach } from './tell-each.ts';
import { UsageError } from './usage-error.ts';
import { writeReports } from './write-reports.ts';

/** A second Ctrl-C waits this long, in milliseconds, for the target to be gone. */
const END_NOW_MS = 1_000;

function redacted(progress: Progress, secrets: Secrets): Progress {
  return { ...progress, line: (text) => progress.line(secrets.redact(text)) };
}

/** `watertight check`: answers the exit code. Rejects with `UsageError` before anything was started. */
export async function check(
  line: CommandLine,
  configFile: string | undefined,
  about: { readonly argv: readonly string[]; readonly version: string },
  rooms: Rooms,
): Promise<number> {
  const startedAt = new Date();
  const startedAtMs = performance.now();
  const { settings, scenarios, baseline } = await prepareCheck(line, configFile, rooms);
  let target: Target | undefined;
  const endNow = (exitCode: number): void => {
    setTimeout(() => process.exit(exitCode), END_NOW_MS).unref();
    void Promise.resolve(target?.end()).finally(() => process.exit(exitCode));
  };
  const stop = listenForStop(settings.timeoutMs, endNow);
  const step = settings.github ? beginGithubStep(process.env, (text) => process.stdout.write(text)) : undefined;
  const secrets = secretsOf(settings);
  // A cron job mails whatever is printed.
  const progress = settings.fleet.isScheduled ? SILENT : redacted(createProgress(process.stderr), secrets);
  try {
    const seen = await examineTarget(settings, scenarios, {
      rooms,
      stop,
      progress,
      onTarget: (opened) => (target = opened),
    });
    progress.end();
    for (const token of seen.tokens) secrets.add(token);
    const whole = conclude(seen, settings, {
      ...about,
      argv: about.argv.map((word) => secrets.redact(word)),
      startedAt,
      elapsedMs: performance.now() - startedAtMs,
      stopped: stop.reason,
      baseline,
    });
    const result = secrets.redactAll(whole);
    const color = wantsColor(process.stdout, process.env, settings.color);
    process.stdout.write(settings.fleet.isScheduled ? renderOneLine(result) : renderTerminal(result, { color }));
    const { push } = settings.fleet;
    const areTold = await tellEach(
      [
        () => step?.tell(result),
        () => writeReports(settings.reports, result, (file) => progress.line(`written: ${file}`)),
        () => (push === undefined ? undefined : pushMetrics(push, renderPrometheus(result))),
      ],
      (error) => {
        const why = error instanceof Error ? error.message : String(error);
        process.stderr.write(`watertight: a report could not be written: ${secrets.redact(why)}\n`);
      },
    );
    return !areTold && result.exitCode === 0 ? EXIT_INCONCLUSIVE : result.exitCode;
  } catch (error) {
    throw error instanceof UsageError ? new UsageError(secrets.redact(error.message), { cause: error }) : error;
  } finally {
    progress.end();
    step?.end();
    stop[Symbol.dispose]();
  }
}
