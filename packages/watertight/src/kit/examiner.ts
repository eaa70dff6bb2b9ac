import { fork, type ChildProcess } from 'node:child_process';
import { inspect } from 'node:util';
import type { CheckResult } from '../verdict/types.ts';
import type { ExaminerRequest, FromExaminer, ToExaminer } from './examiner-protocol.ts';
import { ownProgram } from '../target/own-program.ts';

const ENTRY = ownProgram('examiner.js');
/** What of an examiner's own output is shown when it ends without an answer. */
const LAST_WORDS_LENGTH = 2_000;

/** An examination that came to an end, whatever its verdict. */
export interface Examination {
  readonly result: CheckResult;
  /** What a failing test shows. */
  readonly failure: string;
}

export interface ExaminerOptions {
  readonly cwd?: string | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly signal?: AbortSignal | undefined;
  /** The function that is examined. */
  readonly cycle?: (() => unknown) | undefined;
}

/**
 * Examines in a process of its own, so that neither clients nor looks leave anything in this one.
 *
 * @throws when an option is wrong, or the examiner itself fails.
 */
export async function askExaminer(request: ExaminerRequest, options: ExaminerOptions): Promise<Examination> {
  const { cwd, env, signal, cycle } = options;
  checkSendable(request);
  const child = fork(ENTRY, {
    execArgv: [],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: { ...process.env, ...env, NO_COLOR: '1' },
    ...(cwd === undefined ? {} : { cwd }),
  });
  const lastWords = lastWordsOf(child);
  const stop = (): void => send(child, { kind: 'stop' });
  signal?.addEventListener('abort', stop, { once: true });
  try {
    // Not `once()`: that would reject as well, beside us, where the child cannot even be started.
    const ended = new Promise((resolve) => child.once('close', resolve));
    const answer = await new Promise<Exclude<FromExaminer, { kind: 'ready' | 'call' }> | undefined>(
      (resolve, reject) => {
        child.on('error', reject);
        child.once('close', () => resolve(undefined));
        child.on('message', (message: FromExaminer) => {
          if (message.kind === 'ready') {
            send(child, request);
            if (signal?.aborted === true) stop();
          } else if (message.kind === 'call') void answerCall(child, message.index, cycle);
          else resolve(message);
        });
      },
    );
    await ended;
    if (answer === undefined) throw new Error(`the examination ended without a result:\n${lastWords()}`);
    if (answer.kind === 'examined') return { result: answer.result, failure: answer.failure };
    throw new Error(answer.message);
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}

async function answerCall(child: ChildProcess, index: number, cycle: (() => unknown) | undefined): Promise<void> {
  let failure: string | null = null;
  try {
    await cycle?.();
  } catch (error) {
    failure = told(error);
  }
  send(child, { kind: 'called', index, failure });
}

/** Whatever was thrown: an answer has to be given. */
function told(error: unknown): string {
  try {
    return error instanceof Error ? error.message : String(error);
  } catch {
    return inspect(error);
  }
}

/** @throws TypeError for what no message to another process can hold, such as a big integer. */
function checkSendable(request: ExaminerRequest): void {
  try {
    JSON.stringify(request);
  } catch (error) {
    throw new TypeError(`an option cannot be handed to the process that examines: ${told(error)}`, { cause: error });
  }
}

function send(child: ChildProcess, message: ToExaminer): void {
  if (child.connected) child.send(message, () => undefined);
}

function lastWordsOf(child: ChildProcess): () => string {
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (chunk: string) => (text = (text + chunk).slice(-LAST_WORDS_LENGTH)));
  }
  return () => text;
}
