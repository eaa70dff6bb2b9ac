import type { AllocationPath, Place } from './types.ts';

/** One function in a flame graph, with everything that it asked for. */
export interface Frame {
  readonly place: Place;
  readonly weight: number;
  readonly children: readonly Frame[];
}

type Growing = { readonly place: Place; weight: number; readonly children: Map<string, Growing> };

/** Merges stacks from the outermost caller on: functions at the same place below the same caller are one. */
export function mergeStacks(paths: readonly AllocationPath[]): readonly Frame[] {
  const roots = new Map<string, Growing>();
  for (const { stack, bytesPerCycle } of paths) {
    let level = roots;
    for (const place of stack.toReversed()) {
      const key = `${place.file}:${place.line}:${place.column}:${place.functionName}`;
      const frame = level.get(key) ?? { place, weight: 0, children: new Map<string, Growing>() };
      frame.weight += bytesPerCycle;
      level.set(key, frame);
      level = frame.children;
    }
  }
  return settled(roots);
}

function settled(level: ReadonlyMap<string, Growing>): readonly Frame[] {
  return [...level.values()]
    .toSorted((one, other) => other.weight - one.weight)
    .map(({ place, weight, children }) => ({ place, weight, children: settled(children) }));
}
