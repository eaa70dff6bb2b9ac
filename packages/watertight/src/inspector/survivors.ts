import { createHash } from 'node:crypto';
import { OWN_FUNCTIONS, OWN_SCRIPTS } from './evaluate.ts';
import type { SourcePosition, SurvivorSite } from './heap-types.ts';
import type { ProfileNode, SamplingProfile } from './sampling-profile.ts';

interface Site {
  readonly key: string;
  readonly stack: readonly SourcePosition[];
  readonly windows: { objects: number; bytes: number }[];
  readonly sizes: Map<number, number[]>;
}

/**
 * Tells in which window each survivor was allocated. Ordinals grow with time over all profiles of one sampling session: the
 * largest that was alive at a look separates what came before it from what came after.
 */
export class SurvivorWindows {
  readonly #lastOrdinals: number[] = [];

  /** Reads the profile of the next look. */
  read(profile: SamplingProfile): readonly SurvivorSite[] {
    const last = this.#lastOrdinals.at(-1) ?? 0;
    this.#lastOrdinals.push(profile.samples.reduce((most, { ordinal }) => Math.max(most, ordinal), last));
    const sites = sitesOf(profile.head, this.#lastOrdinals.length);
    for (const { size, nodeId, ordinal } of profile.samples) {
      const site = sites.get(nodeId);
      const index = this.#windowOf(ordinal);
      const window = site?.windows[index];
      if (site === undefined || window === undefined) continue;
      window.objects += 1;
      window.bytes += size;
      const ofSize = site.sizes.get(size) ?? Array.from(site.windows, () => 0);
      ofSize[index] = (ofSize[index] ?? 0) + 1;
      site.sizes.set(size, ofSize);
    }
    return [...new Set(sites.values())]
      .filter(({ sizes }) => sizes.size > 0)
      .map(({ key, stack, windows, sizes }) => ({ key, stack, windows, sizes: sorted(sizes) }));
  }

  /** From now on the window before look `index` and the one behind it are one: for those who look for days. */
  merge(index: number): void {
    this.#lastOrdinals.splice(index, 1);
  }

  #windowOf(ordinal: number): number {
    let window = this.#lastOrdinals.length - 1;
    while (window > 0 && ordinal <= (this.#lastOrdinals[window - 1] ?? 0)) window -= 1;
    return window;
  }
}

/** By node of the tree; nodes with the same frames share a site, and what was allocated by code of ours has none. */
function sitesOf(head: ProfileNode, windowCount: number): ReadonlyMap<number, Site> {
  const byNode = new Map<number, Site>();
  const byKey = new Map<string, Site>();
  const pending: { readonly node: ProfileNode; readonly stack: readonly SourcePosition[] }[] = [];
  const visit = (node: ProfileNode, caller: readonly SourcePosition[]): void => {
    if (isOurs(node) || isOfCompiler(node) || isEvaluated(node, caller)) return;
    const stack = node === head ? caller : [positionIn(node), ...caller];
    const key = keyOf(stack);
    const site = byKey.get(key) ?? { key, stack, windows: emptyWindows(windowCount), sizes: new Map() };
    byKey.set(key, site);
    byNode.set(node.id, site);
    for (const child of node.children) pending.push({ node: child, stack });
  };
  visit(head, []);
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) visit(next.node, next.stack);
  return byNode;
}

/**
 * The profile knows a script by the name it was compiled with; what is evaluated through the inspector has none, so our
 * functions there are known by theirs.
 */
function isOurs({ callFrame: { url, functionName } }: ProfileNode): boolean {
  return url.startsWith(OWN_SCRIPTS) || (url === '' && functionName.startsWith(OWN_FUNCTIONS));
}

/** Code, shapes and feedback that the engine makes for itself; they come and go with no relation to what the target keeps. */
function isOfCompiler({ callFrame: { functionName } }: ProfileNode): boolean {
  return ['(BYTECODE_COMPILER)', '(COMPILER)', '(PARSER)', '(GC)', '(IDLE)', '(LOGGING)'].includes(functionName);
}

/** The outermost frame of what the inspector evaluates: nobody called it. */
function isEvaluated({ callFrame: { url, functionName, scriptId } }: ProfileNode, caller: readonly unknown[]): boolean {
  return caller.length === 0 && url === '' && functionName === '' && scriptId !== '0';
}

function positionIn({ callFrame }: ProfileNode): SourcePosition {
  const { functionName, url, scriptId, lineNumber, columnNumber } = callFrame;
  return { functionName, url, scriptId, line: lineNumber + 1, column: columnNumber + 1 };
}

function keyOf(stack: readonly SourcePosition[]): string {
  const frames = stack.map((it) => `${it.functionName}@${it.scriptId}:${it.line}:${it.column}`);
  return createHash('sha1').update(frames.join('\n')).digest('hex').slice(0, 16);
}

function emptyWindows(count: number): { objects: number; bytes: number }[] {
  return Array.from({ length: count }, () => ({ objects: 0, bytes: 0 }));
}

function sorted(sizes: ReadonlyMap<number, readonly number[]>): SurvivorSite['sizes'] {
  const sum = (windows: readonly number[]): number => windows.reduce((total, objects) => total + objects, 0);
  return [...sizes]
    .map(([bytes, windows]) => ({ bytes, objects: sum(windows), windows }))
    .toSorted((one, two) => two.objects - one.objects);
}
