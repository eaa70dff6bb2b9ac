import { expect, test } from 'vitest';

import type { Series } from '../evidence/series.ts';
import type { SurvivorSite } from '../inspector/heap-types.ts';
import { groupCauses, isExplained, type CauseFacts } from './causes.ts';
import type { FindingKind } from './finding.ts';
import type { Suspect } from './suspects.ts';

const growth = (perCycle: number) => ({ is: 'leak', perCycle, exact: true, low: perCycle, high: perCycle }) as const;
const series = (kind: FindingKind, name: string): Series => ({
  kind,
  key: `${kind}:${name}`,
  name,
  counts: [],
  about: {},
});
const count = (kind: FindingKind, name: string, perCycle = 1): Suspect => ({
  from: 'count',
  series: series(kind, name),
  growth: growth(perCycle),
});
const stack = (functionName: string, url: string): SurvivorSite => ({
  key: `${functionName} ${url}`,
  stack: [{ functionName, url, scriptId: '1', line: 1, column: 1 }],
  windows: [],
  sizes: [],
});
const site = (functionName: string, url: string, bytesPerCycle = 32): Suspect => ({
  from: 'site',
  site: { site: stack(functionName, url), windows: [], bySize: [] },
  growth: growth(1),
  bytesPerCycle,
});
const OWN = new Set(['Session', 'Room']);
const facts = (endings: (suspect: Suspect) => readonly string[] = () => ['rst']): CauseFacts => ({
  endingsOf: endings,
  tellingRank: (name) => (OWN.has(name) ? 0 : name === 'WebSocket' ? 1 : 3),
  ownerRank: ({ stack: [frame] }) => (frame?.url.includes('node_modules') === true ? 1 : 0),
});
const nameOf = (suspect: Suspect | undefined): string | undefined =>
  suspect?.from === 'count' ? suspect.series.name : suspect?.site.site.stack[0]?.functionName;

test('[V25] what a connection drags along is carried by the class that the server calls by a name', () => {
  const causes = groupCauses(
    [
      count('objects', 'Object', 9),
      count('objects', 'WebSocket'),
      count('objects', 'Session'),
      count('handles', 'TCP'),
    ],
    facts(),
  );
  expect(causes).toHaveLength(1);
  expect(nameOf(causes[0]?.lead)).toBe('Session');
  expect(causes[0]?.others.map(nameOf)).toContain('WebSocket');
});

test('[V25] what stays after some of the endings of the cause hangs on it; a class with endings of its own does not', () => {
  const endings = (suspect: Suspect): readonly string[] =>
    nameOf(suspect) === 'Room' ? ['rst'] : nameOf(suspect) === 'Error' ? ['fin'] : ['rst', 'fin'];
  const causes = groupCauses(
    [count('objects', 'Session'), count('objects', 'Error', 0.5), count('objects', 'Room', 0.5)],
    facts(endings),
  );
  expect(causes.map(({ lead }) => nameOf(lead))).toEqual(['Session', 'Room']);
  expect(causes[0]?.others.map(nameOf)).toEqual(['Error']);
});

test('[V25] the stack of a cause is the constructor with its name, else the one nearest to the application', () => {
  const suspects = [
    count('objects', 'Session'),
    site('Session', 'file:///a/chat.js'),
    site('emit', 'file:///a/x.js', 900),
  ];
  expect(groupCauses(suspects, facts())[0]?.site?.stack[0]?.functionName).toBe('Session');
  const nameless = [
    count('objects', 'Object'),
    site('parse', 'file:///a/node_modules/p/i.js', 900),
    site('onOpen', 'file:///a/x.js'),
  ];
  expect(groupCauses(nameless, facts())[0]?.site?.stack[0]?.functionName).toBe('onOpen');
});

test('[V25] where only stacks grow, the one in the application is the cause', () => {
  const [cause] = groupCauses(
    [site('parse', 'file:///a/node_modules/p/i.js'), site('onOpen', 'file:///a/x.js')],
    facts(),
  );
  expect(nameOf(cause?.lead)).toBe('onOpen');
});

test('[V25] a promise that nobody settles says more than the plain objects it hangs on, and less than a name', () => {
  const promise = count('promises', 'Promise never settled');
  const holding = (...holds: string[]): Suspect => {
    const suspect = count('collection', `Map of ${holds.join(', ')}`);
    return suspect.from === 'count' ? { ...suspect, series: { ...suspect.series, about: { holds } } } : suspect;
  };
  const leadOf = (...others: Suspect[]): string | undefined =>
    nameOf(groupCauses([...others, count('objects', 'Promise', 2), promise], facts())[0]?.lead);
  expect(leadOf(holding('Object'))).toBe('Promise never settled');
  expect(leadOf(holding('WebSocket'))).toBe('Map of WebSocket');
  expect(leadOf(count('objects', 'Session'), holding('Session'))).toBe('Session');
});

test('[V25] such a promise was made where a promise is made, not where most was', () => {
  const made = site('Promise', '', 16);
  const causes = groupCauses(
    [count('promises', 'Promise never settled'), site('handle', '/app.js', 900), made],
    facts(),
  );
  expect(nameOf(causes[0]?.lead)).toBe('Promise never settled');
  expect(causes[0]?.site?.stack[0]?.functionName).toBe('Promise');
});

test('[V28] a listener that comes without a new object is not explained by a stack of another rate', () => {
  const stackAt = (perCycle: number): Suspect => ({ ...site('parse', '/app.js'), growth: growth(perCycle) });
  const isToldBy = (lead: Suspect, maker: Suspect): boolean | undefined => {
    const [cause] = groupCauses([lead, maker], facts());
    return cause === undefined ? undefined : isExplained(cause);
  };
  expect(isToldBy(count('listeners', 'Server#upgrade', 10), stackAt(0.1))).toBe(false);
  expect(isToldBy(count('listeners', 'Server#upgrade', 10), stackAt(10))).toBe(true);
  expect(isToldBy(count('objects', 'Session', 10), stackAt(0.1))).toBe(true);
});
