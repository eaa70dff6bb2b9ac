import type { Host, ProcessState } from './types.ts';

/** Memory, and what keeps the event loop alive by kind. */
export function makeProcessState({
  memoryUsage,
  activeResources,
  contextCount,
  realmOfOursCount,
}: Host): () => ProcessState {
  const REALMS_OF_PROGRAM = 1;
  return () => {
    const { heapUsed, external, arrayBuffers, rss } = memoryUsage();
    const kinds = activeResources();
    const handles = { __proto__: null } as unknown as Record<string, number>;
    for (let index = 0; index < kinds.length; index += 1) {
      const kind = kinds[index] ?? '';
      handles[kind] = (handles[kind] ?? 0) + 1;
    }
    return {
      memory: { heapUsedBytes: heapUsed, externalBytes: external, arrayBuffersBytes: arrayBuffers, rssBytes: rss },
      handles,
      otherRealmCount: contextCount() - REALMS_OF_PROGRAM - realmOfOursCount,
    };
  };
}
