import type { Suspect } from '../../verdict/suspects.ts';
import { tellingRank } from './left-counts.ts';

/** 0 says most about a cause: what the server itself calls by a name; 3 is what everything is made of. */
export function rankOf(suspect: Suspect): number {
  if (suspect.from === 'site') return 2;
  const { kind, name } = suspect.series;
  if (kind === 'objects') return tellingRank(name);
  return kind === 'collection' || kind === 'handles' || kind === 'promises' ? 1 : 0;
}
