import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setPriority } from 'node:os';
import type { ProgressLine } from '../progress-line.ts';
import type { CoverageMode } from '../types.ts';
import type { MatrixResult, MatrixRun } from './matrix-run.ts';
import { ownProgram } from '../../target/own-program.ts';

const ENTRY = ownProgram('matrix.js');
/** A third of the share of others who want the processor. */
const BELOW_OTHERS = 5;
/** From the moment it is given up until its specimens are gone, at most. */
const UNWIND_MS = 5_000;

/** What the process tells. */
export type MatrixMessage =
  | { readonly kind: 'progress'; readonly line: ProgressLine }
  | { readonly kind: 'result'; readonly result: MatrixResult };

/**
 * Begins the fault matrix beside the scenarios that examine the target: it mostly waits for silence and deadlines of servers of its own,
 * and needs none of theirs. `onTarget`: the scenarios that they are; see {@link cellsOnTarget}.
 */
export function startMatrixProcess(mode: CoverageMode, onTarget: readonly string[]): MatrixRun {
  const child = fork(ENTRY, [mode, ...onTarget], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'], execArgv: [] });
  giveWay(child.pid);
  return new MatrixProcess(child, onTarget);
}

/** Those that examine the target wait for each other, one after another: they come first, and what is left of the processor is enough. */
function giveWay(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    setPriority(pid, BELOW_OTHERS);
  } catch {
    // Gone already, or not to be had here: then they share.
  }
}

class MatrixProcess implements MatrixRun {
  readonly onTarget: readonly string[];
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown>;
  readonly #result: Promise<MatrixResult>;
  #progress: (line: ProgressLine) => void = () => {};
  #lastLine: ProgressLine | undefined;

  constructor(child: ChildProcess, onTarget: readonly string[]) {
    this.onTarget = onTarget;
    this.#child = child;
    // A process that could not be started has no exit.
    this.#exited = Promise.race([once(child, 'exit'), once(child, 'error')]).catch((error: unknown) => error);
    this.#result = new Promise((resolve, reject) => {
      child.on('message', (message: MatrixMessage) => {
        if (message.kind === 'result') resolve(message.result);
        else this.#show(message.line);
      });
      child.on('error', reject);
      child.on('exit', (code, signal) =>
        reject(new Error(`the process of the fault matrix ended with ${signal ?? code}`)),
      );
    });
    // It may fail before anybody asks for it.
    this.#result.catch(() => undefined);
  }

  async result(progress: (line: ProgressLine) => void): Promise<MatrixResult> {
    this.#progress = progress;
    if (this.#lastLine !== undefined) progress(this.#lastLine);
    return await this.#result;
  }

  async end(): Promise<void> {
    if (this.#child.connected) this.#child.disconnect();
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), UNWIND_MS);
    await this.#exited;
    clearTimeout(timer);
  }

  #show(line: ProgressLine): void {
    this.#lastLine = line;
    this.#progress(line);
  }
}
