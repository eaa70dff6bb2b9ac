import type { AddressInfo, Server } from 'node:net';
import type { CheckResult } from '../verdict/types.ts';
import { askExaminer, type Examination } from './examiner.ts';
import { isNetServer, type Examined, type StartedServer } from './examined.ts';
import { checkExamined } from './examined-argument.ts';
import type { ExpectNoLeaksOptions } from './expect-no-leaks-options.ts';
import { LeakError } from './leak-error.ts';
import { lendOwnInspector } from './own-inspector.ts';

/**
 * Examines a server, or a function that is called again and again, as `watertight check` does, and answers the result when it is
 * `watertight`. Without an argument, what `watertight.config` names is examined. It takes seconds, and up to `budgetMs` more when something is suspected: give the test a time-out of its own.
 *
 * @example
 * ```ts
 * await expectNoLeaks({ command: ['node', 'server.js'] }, { limit: 20, deadlineMs: 500 });
 * ```
 *
 * @throws {@link LeakError} for every other verdict, `inconclusive` included; an Error when an option is wrong or what is to be
 * examined cannot be.
 */
export async function expectNoLeaks(examined?: Examined, options: ExpectNoLeaksOptions = {}): Promise<CheckResult> {
  if (examined !== undefined) checkExamined('expectNoLeaks', examined);
  const { result, failure } = await examineForTests(examined, options);
  if (result.verdict !== 'watertight') throw new LeakError(result, failure);
  return result;
}

/** The examination without the judgement of a test. */
export async function examineForTests(
  examined: Examined | undefined,
  given: ExpectNoLeaksOptions,
): Promise<Examination> {
  const { signal, ...options } = given;
  if (examined === undefined) return await askExaminer({ kind: 'examine', options, command: [] }, { signal });
  if (typeof examined === 'function') return await examineCycle(examined, options, signal);
  if (isNetServer(examined)) return await examineInProcess(urlOf(examined), options, signal);
  if ('isInProcess' in examined) return await examineStarted(examined, options, signal);
  if ('command' in examined) {
    const { command, cwd, env } = examined;
    return await askExaminer({ kind: 'examine', options, command }, { signal, cwd, env });
  }
  const { url, pid } = examined;
  const target = pid === undefined ? { url } : { url, pid };
  return await askExaminer({ kind: 'examine', options: { ...options, ...target }, command: [] }, { signal });
}

async function examineStarted(server: StartedServer, options: object, signal?: AbortSignal): Promise<Examination> {
  if (server.isInProcess) return await examineInProcess(server.url, options, signal);
  const { url, pid } = server;
  return await askExaminer({ kind: 'examine', options: { ...options, url, pid }, command: [] }, { signal });
}

async function examineInProcess(url: string, options: object, signal?: AbortSignal): Promise<Examination> {
  // The inspector is ours: whoever wrote the test never heard of it.
  const label = `the server of this test (${withoutRoot(url)})`;
  return await lendOwnInspector(
    async ({ address: inspect }) =>
      await askExaminer({ kind: 'examine', options: { ...options, url, inspect }, command: [], label }, { signal }),
  );
}

async function examineCycle(
  cycle: () => unknown,
  options: Omit<ExpectNoLeaksOptions, 'signal'>,
  signal?: AbortSignal,
): Promise<Examination> {
  return await lendOwnInspector(async (own) => {
    const calls = {
      name: cycle.name === '' ? 'the function' : `${cycle.name}()`,
      // What is written for a test seldom stands being called while it runs.
      concurrency: options.concurrency ?? 1,
      pid: process.pid,
      inspectorUrl: own.url,
    };
    const request = { kind: 'examine', options: { ...options, inspect: own.address }, command: [], calls } as const;
    return await askExaminer(request, { signal, cycle });
  });
}

/** @throws when the server does not listen on a TCP port. */
export function urlOf(server: Server, path = '/'): string {
  const address = server.address();
  if (address === null || typeof address === 'string')
    throw new Error('the server does not listen on a TCP port: call listen() first, or hand it to startServer');
  return `ws://${hostOf(address)}:${address.port}${path}`;
}

function withoutRoot(url: string): string {
  return url.endsWith('/') ? url.slice(0, -1) : url;
}

function hostOf({ address, family }: AddressInfo): string {
  if (address === '0.0.0.0' || address === '::') return '127.0.0.1';
  return family === 'IPv6' ? `[${address}]` : address;
}
