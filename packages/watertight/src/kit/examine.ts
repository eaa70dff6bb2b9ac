import { conclude } from '../cli/conclude.ts';
import { examineTarget } from '../cli/examine-target.ts';
import { prepareCheck } from '../cli/prepare-check.ts';
import { rooms } from '../cli/rooms-wiring.ts';
import { secretsOf } from '../cli/secrets.ts';
import type { StopSignal } from '../cli/stop-signal.ts';
import { ownVersion } from '../cli/version.ts';
import { writeReports } from '../cli/write-reports.ts';
import { SILENT } from '../report/progress.ts';
import type { CheckResult } from '../verdict/types.ts';
import type { CallAnswer, ExaminerRequest } from './examiner-protocol.ts';
import { observeCalls } from './observe-calls.ts';

/** What the examiner has around it. */
export interface Surroundings {
  readonly listen: (timeoutMs: number) => StopSignal;
  /** Has the function of the tests called once. */
  readonly call: (index: number) => Promise<CallAnswer>;
}

/**
 * The examination of `watertight check`: the same settings, config file, scenarios and verdict.
 *
 * @throws UsageError when an option is wrong; nothing was started by then.
 */
export async function examine(request: ExaminerRequest, { listen, call }: Surroundings): Promise<CheckResult> {
  const startedAt = new Date();
  const startedAtMs = performance.now();
  const line = { raw: new Map(Object.entries(request.options)), command: request.command };
  const { settings, scenarios, baseline } = await prepareCheck(line, undefined, rooms);
  const stop = listen(settings.timeoutMs);
  try {
    const seen =
      request.calls === undefined
        ? // Whoever runs tests watches their runner, not us.
          await examineTarget(settings, scenarios, { rooms, stop, progress: SILENT })
        : await observeCalls(settings, { ...request.calls, call }, stop);
    const secrets = secretsOf(settings);
    for (const token of seen.tokens) secrets.add(token);
    const whole = conclude(seen, settings, {
      startedAt,
      elapsedMs: performance.now() - startedAtMs,
      argv: ['check', '…'],
      version: ownVersion(),
      stopped: stop.reason,
      baseline,
    });
    const label = request.label ?? whole.target.label;
    const result = secrets.redactAll({ ...whole, target: { ...whole.target, label } });
    await writeReports(settings.reports, result, () => undefined);
    return result;
  } finally {
    stop[Symbol.dispose]();
  }
}
