import { commandLineOf, startEnvironmentOf } from './proc.ts';

/**
 * Only says where an inspector would open if one is asked for; opens none. The second option keeps Node from printing about
 * it in the middle of the target's output.
 */
const OURS = /(?:^| )--inspect-port=127\.0\.0\.1:\d+ --inspect-publish-uid=http(?= |$)/;

/** Options of Node that open an inspector, or say where one opens. */
const INSPECTS = /^--(?:inspect|debug)(?:-brk|-wait|-port|-publish-uid)?(?:=|$)/;

/** The environment for a command of ours. What the user says about inspectors, there or in the command, wins over ours. */
export function withInspectPort(
  env: NodeJS.ProcessEnv,
  command: readonly string[],
  port: number,
): { readonly env: NodeJS.ProcessEnv; readonly isAdded: boolean } {
  const own = env['NODE_OPTIONS'] ?? '';
  if ([...command, ...own.split(/\s+/)].some((word) => INSPECTS.test(word))) return { env, isAdded: false };
  const ours = `--inspect-port=127.0.0.1:${port} --inspect-publish-uid=http`;
  return { env: { ...env, NODE_OPTIONS: own === '' ? ours : `${own} ${ours}` }, isAdded: true };
}

/**
 * JavaScript that takes our options out of the environment of the process it runs in, once its inspector is open: a child
 * that opens an inspector of its own shall not find the port taken that it would have inherited.
 */
export const FORGET_INSPECT_PORT = `() => {
  const own = process.env.NODE_OPTIONS;
  if (own === undefined || !${String(OURS)}.test(own)) return;
  const rest = own.replace(${String(OURS)}, '');
  if (rest === '') delete process.env.NODE_OPTIONS;
  else process.env.NODE_OPTIONS = rest;
}`;

/** Where a process opens its inspector when it is asked to, as far as its command line and its environment say. */
export function inspectAddressIn(words: readonly string[]): { readonly host: string; readonly port: number } {
  let host = '127.0.0.1';
  let port = 9229;
  for (const [index, word] of words.entries()) {
    const option = /^--(?:inspect|debug)(?:-brk|-wait|-port)?(?:=(.*))?$/.exec(word);
    if (option === null) continue;
    const value = option[1] ?? (word.endsWith('-port') ? (words[index + 1] ?? '') : '');
    const [, named, number] = /^(?:(\[[^\]]+\]|[^:]+):)?(\d+)$/.exec(value) ?? [];
    if (number !== undefined) port = Number(number);
    if (named !== undefined) host = named.replace(/^\[|\]$/g, '');
    else if (number === undefined && value !== '') host = value.replace(/^\[|\]$/g, '');
  }
  return { host, port };
}

/** Every option Node was started with and what stands behind them; the environment first, since the command line overrides it. */
export function nodeWordsOf(pid: number): string[] {
  const options = (startEnvironmentOf(pid, 'NODE_OPTIONS') ?? '').split(/\s+/);
  return [...options, ...commandLineOf(pid)];
}
