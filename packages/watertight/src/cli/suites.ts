/** A set of scenarios that can be asked for by name. */
export type Suite = 'critical' | 'production' | 'gentle' | 'all';

export function isSuite(text: string | undefined): text is Suite {
  return text === 'critical' || text === 'production' || text === 'gentle' || text === 'all';
}
