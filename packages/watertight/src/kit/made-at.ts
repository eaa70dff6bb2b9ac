import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const FRAME = /(?:\(|at (?:async )?)((?:node:|file:\/\/|\/|[A-Za-z]:\\)[^()]*?):(\d+):(\d+)\)?$/;
const NODE = 'node:';
const FRAME_COUNT = 40;
/** Their own timers come and go while a test runs. */
const RUNNERS =
  /[\\/]node_modules[\\/](?:\.pnpm[\\/])?(?:vitest|@vitest|vite|vite-node|tinypool|tinyspy|birpc|jest|jest-[a-z-]+|@jest|@sinonjs)[\\/@]/;
const GUARD = /[\\/]kit[\\/](?:leak-guard|resource-watch|listener-tap|listener-watch|made-at)\.[jt]s$/;

/** Who made something: a place in the code of the user or a package, the test runner, or Node by itself. */
export type Maker =
  | {
      readonly by: 'code';
      readonly at: string;
      /** Modules of Node between that code and what was made: a timer of `node:internal/http` is not one of its caller's. */
      readonly through: readonly string[];
    }
  | { readonly by: 'runner' }
  | { readonly by: 'node' };

/** Notes the stack of whoever calls it. It is written out only when somebody asks: that costs much more than to note it. */
export function noteMaker(): () => Maker {
  const limitBefore = Error.stackTraceLimit;
  Error.stackTraceLimit = FRAME_COUNT;
  const here = new Error('made here');
  Error.stackTraceLimit = limitBefore;
  let maker: Maker | undefined;
  return () => (maker ??= makerOf(here));
}

function makerOf(here: Error): Maker {
  const written: unknown = Reflect.get(Error, 'prepareStackTrace');
  // Otherwise Node writes it, with source maps where it was told to use them.
  if (typeof written !== 'function') return makerIn(String(here.stack));
  let isRunners = false;
  // A runner maps every frame to its source, which is dear, and its own timers are most of what is there at the end of a test.
  Error.prepareStackTrace = (error, sites) => {
    const files = sites
      .flatMap((site) => site.getFileName() ?? [])
      .filter((file) => !isNodes(file) && !GUARD.test(file));
    isRunners = files.length > 0 && files.every((file) => RUNNERS.test(file));
    return isRunners ? '' : String(Reflect.apply(written, Error, [error, sites]));
  };
  try {
    const stack = String(here.stack);
    return isRunners ? { by: 'runner' } : makerIn(stack);
  } finally {
    Reflect.set(Error, 'prepareStackTrace', written);
  }
}

function makerIn(stack: string): Maker {
  const frames = stack.split('\n').flatMap((line) => {
    const [, where, row, column] = FRAME.exec(line.trimEnd()) ?? [];
    if (where === undefined) return [];
    const file = where.startsWith('file://') ? fileURLToPath(where) : where;
    return [{ file, at: `${shown(file)}:${row}:${column}` }];
  });
  const called = frames.filter(({ file }) => !GUARD.test(file));
  const foreign = called.filter(({ file }) => !isNodes(file));
  const through = called.slice(
    0,
    Math.max(
      0,
      called.findIndex(({ file }) => !isNodes(file)),
    ),
  );
  const [first] = foreign.filter(({ file }) => !RUNNERS.test(file));
  // The code of the application says more than the package that it calls.
  const own = foreign.find(({ file }) => !RUNNERS.test(file) && !/[\\/]node_modules[\\/]/.test(file));
  if (first !== undefined)
    return { by: 'code', at: (own ?? first).at, through: through.map(({ file }) => file.slice(NODE.length)) };
  return { by: foreign.length > 0 ? 'runner' : 'node' };
}

function isNodes(file: string): boolean {
  return file.startsWith(NODE);
}

function shown(file: string): string {
  const below = relative(process.cwd(), file);
  return below.startsWith('..') || below === '' ? file : below;
}
