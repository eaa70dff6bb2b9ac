import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { InsideView } from '../src/inspector/types.ts';
import { openInsideView } from '../src/inspector/open.ts';
import type { ExamineHeapOptions } from '../src/inspector/heap-examiner.ts';
import type { HeapExamination, HeapLook, HeapLookOptions } from '../src/inspector/heap-types.ts';

/** A process of a fixture whose heap is looked at. */
export interface Examined {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly view: InsideView;
  readonly examination: HeapExamination;
  /** Has the process do something, and waits until it says that it is done. */
  tell(command: string): Promise<string>;
  /** Without the collections, unless told otherwise. */
  look(options?: HeapLookOptions): Promise<HeapLook>;
  end(): Promise<void>;
}

export async function examineFixture(
  name: string,
  {
    executable = process.execPath,
    args = [],
    ...examineOptions
  }: ExamineHeapOptions & { readonly executable?: string; readonly args?: readonly string[] } = {},
): Promise<Examined> {
  const fixture = fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));
  const child = spawn(executable, ['--inspect-port=0', fixture, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  const exited = once(child, 'exit').then(() => {
    throw new Error(`${name} ended`);
  });
  exited.catch(() => undefined);
  const pid = child.pid ?? 0;
  const view = await openInsideView(pid, { timeoutMs: 10_000 });
  const examination = await view.examineHeap(examineOptions);
  return {
    child,
    pid,
    view,
    examination,
    tell: async (command) => {
      child.stdin.write(`${command}\n`);
      const [line] = (await Promise.race([once(child.stdout, 'data'), exited])) as [Buffer];
      return line.toString().trim();
    },
    look: (options = { classes: true, collections: false }) => examination.look(options),
    end: async () => {
      await examination.close();
      await view.close();
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
  };
}
