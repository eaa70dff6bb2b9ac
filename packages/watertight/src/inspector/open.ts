import { httpText } from '../target/http-text.ts';
import { listenersOf, type Listener } from '../target/listening.ts';
import { closeInspector, makeInsideView } from './inside.ts';
import { assertMayBeSignalled, startedWithInspector } from './openable.ts';
import { InspectorSession } from './session.ts';
import type { InsideView } from './types.ts';
import { InsideViewError } from './unavailable.ts';

const POLL_MS = 5;
const ASK_TIMEOUT_MS = 500;

/**
 * Opens a view into a running Node process. An inspector that is open already is used and left open; else SIGUSR1 opens one,
 * which is closed with the view. The process is never signalled unless it is Node and handles the signal.
 *
 * @throws {@link InsideViewError} with the reason why there is no view. `timeoutMs` default 2 000.
 * With `url`, the `ws:` address of an inspector that is known to be open, nothing is searched and nobody signalled.
 * `factoryName` chooses among several factories of the process; default: the first that is open.
 */
export async function openInsideView(
  pid: number,
  options: { readonly timeoutMs?: number; readonly url?: string; readonly factoryName?: string } = {},
): Promise<InsideView> {
  const { factoryName } = options;
  if (options.url !== undefined) return await viewOf(options.url, pid, { opened: false, factoryName });
  assertMayBeSignalled(pid);
  const before = listenersOf([pid]);
  const open = startedWithInspector(pid) ? await findInspector(before) : undefined;
  const url = open ?? (await signalAndFind(pid, before, options.timeoutMs ?? 2_000));
  if (url !== undefined) return viewOf(url, pid, { opened: open === undefined, factoryName });
  // Nothing new opened: perhaps because somebody had opened it before us.
  const earlier = await findInspector(before);
  if (earlier !== undefined) return viewOf(earlier, pid, { opened: false, factoryName });
  throw new InsideViewError(
    `process ${pid} opened no inspector within ${options.timeoutMs ?? 2_000} ms of SIGUSR1: it handles the signal itself, or its inspector port is taken`,
  );
}

async function signalAndFind(pid: number, before: readonly Listener[], timeoutMs: number): Promise<string | undefined> {
  const known = new Set(before.map((listener) => listener.inode));
  const deadline = performance.now() + timeoutMs;
  process.kill(pid, 'SIGUSR1');
  while (performance.now() < deadline) {
    const url = await findInspector(listenersOf([pid]).filter((listener) => !known.has(listener.inode)));
    if (url !== undefined) return url;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  return undefined;
}

async function findInspector(listeners: readonly Listener[]): Promise<string | undefined> {
  for (const { host, port } of listeners) {
    const authority = host.includes(':') ? `[${host}]` : host;
    const answer = await httpText(new URL(`http://${authority}:${port}/json/list`), ASK_TIMEOUT_MS);
    const url = answer?.status === 200 ? debuggerUrl(answer.text) : undefined;
    if (url !== undefined) return url;
  }
  return undefined;
}

function debuggerUrl(text: string): string | undefined {
  try {
    const [first] = JSON.parse(text) as { webSocketDebuggerUrl?: string }[];
    return first?.webSocketDebuggerUrl;
  } catch {
    return undefined;
  }
}

async function viewOf(
  url: string,
  pid: number,
  { opened, factoryName }: { readonly opened: boolean; readonly factoryName: string | undefined },
): Promise<InsideView> {
  const session = await InspectorSession.connect(url);
  try {
    return await makeInsideView(session, pid, opened, factoryName);
  } catch (error) {
    if (opened) await closeInspector(session);
    await session.close();
    throw error;
  }
}
