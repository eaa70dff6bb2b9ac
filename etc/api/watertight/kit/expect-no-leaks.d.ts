import type { Server } from 'node:net';
import type { CheckResult } from '../verdict/types.ts';
import { type Examination } from './examiner.ts';
import { type Examined } from './examined.ts';
import type { ExpectNoLeaksOptions } from './expect-no-leaks-options.ts';
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
export declare function expectNoLeaks(examined?: Examined, options?: ExpectNoLeaksOptions): Promise<CheckResult>;
/** The examination without the judgement of a test. */
export declare function examineForTests(examined: Examined | undefined, given: ExpectNoLeaksOptions): Promise<Examination>;
/** @throws when the server does not listen on a TCP port. */
export declare function urlOf(server: Server, path?: string): string;
