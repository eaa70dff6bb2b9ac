import { isOfNode, ownerOf } from '../../evidence/owner.ts';
import type { SurvivorSite } from '../../inspector/heap-types.ts';

/** 0 the application's, 1 a package's, 2 Node's own. */
export function ownerRank({ stack }: SurvivorSite): number {
  const first = stack.find(({ url }) => !isOfNode(url));
  if (first === undefined) return 2;
  return ownerOf(first.url).is === 'application' ? 0 : 1;
}
