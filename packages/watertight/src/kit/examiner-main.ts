// Examines in a process of its own: clients, looks and reports leave nothing in the process of the tests.
import { UsageError } from '../cli/usage-error.ts';
import { listenForStop } from '../cli/stop-signal.ts';
import { renderFailure } from '../report/terminal.ts';
import type { CallAnswer, ExaminerRequest, FromExaminer, ToExaminer } from './examiner-protocol.ts';
import { examine } from './examine.ts';

const callAnswers = new Set<(answer: CallAnswer) => void>();
let isBegun = false;
// Stopped by the tests, or they have gone: whoever was started for them goes too.
const enough = new AbortController();

process.on('message', (message: ToExaminer) => {
  if (message.kind === 'called') for (const take of callAnswers) take(message);
  else if (message.kind === 'stop') enough.abort('the test ended the examination');
  else if (!isBegun) {
    isBegun = true;
    void begin(message);
  }
});
tell({ kind: 'ready' });

async function begin(request: ExaminerRequest): Promise<void> {
  process.on('disconnect', () => enough.abort('the process of the tests has ended'));
  try {
    const result = await examine(request, {
      listen: (timeoutMs) => {
        const stop = listenForStop(timeoutMs, (exitCode) => process.exit(exitCode));
        const stopHere = (): void => stop.stop(String(enough.signal.reason));
        enough.signal.addEventListener('abort', stopHere, { once: true });
        if (enough.signal.aborted) stopHere();
        return stop;
      },
      call: async (index) =>
        await new Promise<CallAnswer>((resolve) => {
          const take = (answer: CallAnswer): void => {
            if (answer.index !== index) return;
            callAnswers.delete(take);
            resolve(answer);
          };
          callAnswers.add(take);
          tell({ kind: 'call', index });
        }),
    });
    tell({ kind: 'examined', result, failure: renderFailure(result) });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    tell(error instanceof UsageError ? { kind: 'usage', message } : { kind: 'broken', message });
  } finally {
    if (process.connected) process.disconnect();
  }
}

function tell(message: FromExaminer): void {
  if (process.connected) process.send?.(message);
}
