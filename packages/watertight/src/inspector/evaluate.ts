import type { InspectorChannel } from './channel.ts';
import { InsideViewError } from './unavailable.ts';

/** What is kept in the target between two calls belongs to this group and is released with it. */
export const OBJECT_GROUP = 'watertight';

/** Whatever of ours runs in a target has a script or a function whose name begins so: its allocations and timers are told by it. */
export const OWN_SCRIPTS = 'watertight:';
export const OWN_FUNCTIONS = 'watertight';
const OWN_SOURCE = `//# sourceURL=${OWN_SCRIPTS}evaluate`;

/** What the protocol says about a value inside the target. */
export interface RemoteObject {
  readonly objectId?: string;
  readonly value?: unknown;
  readonly description?: string;
}

/**
 * Calls a function (JavaScript source) inside the target and returns what it answers, or what its promise resolves to.
 * It runs in a turn of the event loop of its own: the inspector may interrupt any code, also between two statements that
 * belong together, and what is seen there is no state the target promises anything about.
 */
export async function evaluate<Result>(
  session: InspectorChannel,
  source: string,
  args: readonly unknown[] = [],
  timeoutMs?: number,
): Promise<Result> {
  const call = args.map((arg) => JSON.stringify(arg) ?? 'undefined').join(', ');
  const expression = `(async function watertightEvaluate() {
    await new Promise((resolve) => setImmediate(resolve));
    return (${STRINGIFY})(await (${source})(${call}));
  })()\n${OWN_SOURCE}`;
  const reply = await session.call(
    'Runtime.evaluate',
    { expression, awaitPromise: true, returnByValue: true, silent: true },
    timeoutMs,
  );
  return revive(String(valueOf(reply).value)) as Result;
}

/** Evaluates an expression whose value stays inside the target; answers the handle to it. */
export async function evaluateHandle(session: InspectorChannel, expression: string): Promise<string> {
  const reply = await session.call('Runtime.evaluate', {
    expression: `${expression}\n${OWN_SOURCE}`,
    objectGroup: OBJECT_GROUP,
    silent: true,
  });
  return valueOf(reply).objectId ?? '';
}

/** Calls a function (JavaScript source) with a handle as `this`. */
export async function callOn<Result>(
  session: InspectorChannel,
  objectId: string,
  source: string,
  timeoutMs?: number,
): Promise<Result> {
  const functionDeclaration = `function watertightCall() { return (${STRINGIFY})((${source}).call(this)); }\n${OWN_SOURCE}\n`;
  const reply = await session.call(
    'Runtime.callFunctionOn',
    { objectId, functionDeclaration, returnByValue: true, silent: true },
    timeoutMs,
  );
  return revive(String(valueOf(reply).value)) as Result;
}

/** JSON knows no infinite limits, and the protocol's own serialisation loses them as well. */
const STRINGIFY = `(value) => JSON.stringify(value === undefined ? null : value, (_key, it) =>
  typeof it === 'number' && !Number.isFinite(it) ? { $number: String(it) } : it)`;

function revive(text: string): unknown {
  // Statistics are read hundreds of times, and next to none has an infinite number.
  if (!text.includes('"$number"')) return JSON.parse(text);
  return JSON.parse(text, (_key, it: unknown) =>
    typeof it === 'object' && it !== null && '$number' in it ? Number(it.$number) : it,
  );
}

/** @throws {@link InsideViewError} with what was thrown inside the target. */
export function valueOf(reply: Readonly<Record<string, unknown>>): RemoteObject {
  const thrown = reply['exceptionDetails'] as { text: string; exception?: { description?: string } } | undefined;
  if (thrown) throw new InsideViewError(`inside the target: ${thrown.exception?.description ?? thrown.text}`);
  return reply['result'] as RemoteObject;
}
