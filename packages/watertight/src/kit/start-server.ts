import { once } from 'node:events';
import type { Server, Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { spawnTarget } from '../target/spawn.ts';
import { isNetServer, type CommandToStart, type StartedServer } from './examined.ts';
import { checkCommand } from './examined-argument.ts';
import { urlOf } from './expect-no-leaks.ts';
import { requireMs } from './milliseconds.ts';

export interface StartServerOptions {
  /** Path of the WebSocket. Default `/`. */
  readonly path?: string;
  /** Of a command: a text in its output, or a URL that answers, before it counts as started. Default: when it listens. */
  readonly waitFor?: string;
  /** Of a command: until it takes WebSockets. Default 10 000. */
  readonly timeoutMs?: number;
}

/** What a function that starts a server in the process of the tests may answer. */
export type InProcessServer = Server | { readonly url: string; close(): unknown };

/**
 * Starts a server for tests: a command in a process of its own, or a function in this one. What a function answers is made to listen
 * on a free port of 127.0.0.1 unless it listens already, or was told where to.
 *
 * @example
 * ```ts
 * await using server = await startServer({ command: ['node', 'server.js'] }, { path: '/chat' });
 * ```
 *
 * @throws when the command does not start, takes no WebSockets in time, or ends, and when the server of a function cannot listen where
 * it was told to; nothing of it is left then. TypeError and RangeError for what cannot be started, and options that are none.
 */
export async function startServer(
  what: CommandToStart | (() => InProcessServer | Promise<InProcessServer>),
  options: StartServerOptions = {},
): Promise<StartedServer> {
  checkOptions(options);
  if (typeof what !== 'function') {
    checkCommand('startServer', Object(what) as object);
    return await startChild(what, options);
  }
  const answer = what();
  // Without a turn in between: whoever was told to listen on a port that is taken says so in the next one.
  return await startHere(isNetServer(answer) ? answer : await answer, options);
}

function checkOptions({ path = '/', timeoutMs = 0 }: StartServerOptions): void {
  if (!path.startsWith('/'))
    throw new TypeError(`startServer: path is ${JSON.stringify(path)}; expected one that begins with "/"`);
  requireMs('startServer: timeoutMs', timeoutMs);
}

async function startChild(what: CommandToStart, options: StartServerOptions): Promise<StartedServer> {
  const target = await spawnTarget({
    command: what.command,
    cwd: what.cwd,
    env: { ...process.env, ...what.env },
    path: options.path,
    waitFor: options.waitFor,
    timeoutMs: options.timeoutMs,
  });
  const { pid } = target;
  if (pid === undefined) {
    await target.end();
    throw new Error(`the process of "${target.label}" that listens is not visible`);
  }
  const close = async (): Promise<void> => await target.end();
  return {
    url: target.url.href,
    pid,
    isInProcess: false,
    output: () => target.output(),
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function startHere(answer: InProcessServer, { path = '/' }: StartServerOptions): Promise<StartedServer> {
  checkAnswer(answer);
  const sockets = new Set<Socket>();
  if (isNetServer(answer)) {
    answer.on('connection', (socket: Socket) => {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
    });
  }
  if (isNetServer(answer)) await untilListening(answer);
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> =>
    (closing ??= isNetServer(answer) ? closeServer(answer, sockets) : closeOther(answer));
  return {
    url: isNetServer(answer) ? urlOf(answer, path) : answer.url,
    pid: process.pid,
    isInProcess: true,
    output: () => '',
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** @throws TypeError for what can neither listen nor be closed. */
function checkAnswer(answer: unknown): asserts answer is InProcessServer {
  if (isNetServer(answer)) return;
  const { url, close }: { readonly url?: unknown; readonly close?: unknown } = Object(answer) as object;
  if (typeof url === 'string' && typeof close === 'function') return;
  throw new TypeError('startServer: the function answered no server; expected an http.Server, or { url, close() }');
}

/** Whoever was told where to listen has its time for it. @throws what the server says, which does not listen then. */
async function untilListening(server: Server): Promise<void> {
  if (server.listening) return;
  const listening = once(server, 'listening');
  try {
    await Promise.race([listening, begun(server)]);
    if (!server.listening) server.listen(0, '127.0.0.1');
    await listening;
  } catch (error) {
    if (server.listening) server.close();
    throw error;
  }
}

/** Resolves when a server that was told where to listen has begun to: in the next turn, or when the name that it was told is looked up. */
async function begun(server: Server): Promise<void> {
  do await nextTurn();
  while (!server.listening && process.getActiveResourcesInfo().includes('GetAddrInfoReqWrap'));
}

async function closeOther(server: { close(): unknown }): Promise<void> {
  await server.close();
}

async function closeServer(server: Server, sockets: ReadonlySet<Socket>): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, 'close');
  server.close();
  for (const socket of sockets) socket.destroy();
  await closed;
}
