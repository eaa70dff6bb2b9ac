import { fileURLToPath } from 'node:url';

/** Frames that are looked at; the caller's is behind ours and Node's. */
const FRAMES = 16;

/** As Node names a module, and as tools that load modules by themselves do. */
const OWN_FOLDERS = [new URL('.', import.meta.url).href, fileURLToPath(new URL('.', import.meta.url))];

/** A stack that is turned into text only when somebody reads it. */
export interface CapturedStack {
  readonly stack?: string;
}

export function captureStack(): CapturedStack {
  const { stackTraceLimit } = Error;
  const captured: CapturedStack = {};
  Error.stackTraceLimit = FRAMES;
  Error.captureStackTrace(captured, captureStack);
  Error.stackTraceLimit = stackTraceLimit;
  return captured;
}

/** The first frame that is neither ours nor Node's, as `file:line`. */
export function placeIn({ stack = '' }: CapturedStack): string {
  const line = framesOf(stack).find((frame) => !isNodes(frame) && !isOurs(frame));
  return line === undefined ? 'unknown' : placeOf(line);
}

/**
 * Where one of Node's functions was called from, if code above the runtime called it directly; `undefined` if the runtime or Node itself
 * did. `through`: the modules of Node that such a call passes.
 */
export function directPlaceIn({ stack = '' }: CapturedStack, through: readonly string[]): string | undefined {
  const frames = framesOf(stack);
  const first = frames.findIndex((frame) => !isOurs(frame));
  const caller = frames.slice(first).find((frame) => !through.some((module) => frame.includes(`(${module}:`)));
  if (first === -1 || caller === undefined || isNodes(caller) || isOurs(caller)) return undefined;
  return placeOf(caller);
}

function framesOf(stack: string): string[] {
  return stack.split('\n').filter((line) => line.startsWith('    at '));
}

function isNodes(frame: string): boolean {
  return /[( ]node:/.test(frame);
}

function isOurs(frame: string): boolean {
  return OWN_FOLDERS.some((folder) => frame.includes(folder));
}

function placeOf(frame: string): string {
  const place = /\(?([^( ]+):(\d+):\d+\)?$/.exec(frame);
  return place === null ? 'unknown' : `${place[1] ?? ''}:${place[2] ?? ''}`;
}
