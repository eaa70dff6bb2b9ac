import { isOfNode } from '../../evidence/owner.ts';
import type { PlaceResolver } from '../../evidence/places.ts';
import type { SurvivorSite } from '../../inspector/heap-types.ts';
import type { Finding as Traced } from '../../trace/finding.ts';
import { compareRanks, rateOf, type CauseFacts } from '../../verdict/causes.ts';
import type { Owner, Place } from '../../verdict/finding.ts';
import type { Suspect } from '../../verdict/suspects.ts';

/** Two rates that differ less than this may be the same. */
const SAME_RATE_SHARE = 0.35;
/** Where as many came of every cycle; whoever leaves none after one ending in nine is further off. */
const EXACT_RATE_SHARE = 0.05;
const WORD_BYTES = 8;
/** Promises that wait for each other are made by several stacks; one that makes this share of them has its part in it. */
const CHAIN_SHARE = 0.25;
/** The functions of the engine that make a promise of another. */
const CHAINING: ReadonlySet<string> = new Set(['then', 'catch', 'finally', 'all', 'allSettled', 'any', 'race']);
const NATIVE = /^Node \/ /;
const A_FUNCTION = /\(\)$|^\(anonymous function\)$/;

export interface SiteFacts extends Pick<CauseFacts, 'ownerRank' | 'tellingRank'> {
  readonly places: Pick<PlaceResolver, 'resolve' | 'inFile'>;
}

/** What is looked for: a class or function that was traced, or what names it better. */
export interface Wanted {
  readonly traced: Traced;
  /** The functions that make nothing else. */
  readonly makers: readonly string[];
  /** Of one of them; 0 when not known. */
  readonly selfBytes: number;
  /** How many are made in a cycle, where that alone has to do: promises and texts have no class and no place of their own. */
  readonly ratePerCycle?: number | undefined;
}

type StackSuspect = Extract<Suspect, { from: 'site' }>;

/**
 * The stack that made what was traced. Sizes and rates agree by chance; where something is written does not: a function is made
 * by the function around it, an object of a class by the class itself, its package, or the application.
 */
export function siteOfTraced(wanted: Wanted, open: readonly Suspect[], facts: SiteFacts): SurvivorSite | undefined {
  const stacks = open.filter((suspect) => suspect.from === 'site');
  const { className } = wanted.traced;
  const where = whereWritten(wanted.traced, facts);
  // What is looked for by its own name, and by a rate.
  const isText = wanted.ratePerCycle !== undefined && wanted.makers.includes(className);
  const isFunction = !isText && A_FUNCTION.test(className);
  const itself = isFunction ? whereItselfIsWritten(wanted.traced, facts) : undefined;
  const order = (stack: StackSuspect): readonly number[] | undefined => {
    if (isText) return orderByRate(stack, wanted, facts);
    if (isFunction && where !== undefined) return orderAround(stack, where, wanted, facts);
    return orderByClass(stack, wanted, where, facts);
  };
  const around = itself && bestOf(stacks, (stack) => orderAround(stack, itself, wanted, facts));
  const best = around ?? bestOf(stacks, order);
  const isAsked = best !== undefined && firstPlace(best, facts)?.owner.is === 'application';
  const asked = NATIVE.test(className) && !isAsked ? askedByWhoMade(stacks, wanted.traced, facts) : undefined;
  return asked ?? best?.site.site;
}

function bestOf(
  stacks: readonly StackSuspect[],
  order: (stack: StackSuspect) => readonly number[] | undefined,
): StackSuspect | undefined {
  const ranked = stacks.flatMap((stack) => {
    const rank = order(stack);
    return rank === undefined ? [] : [{ stack, rank }];
  });
  return ranked.toSorted((one, other) => compareRanks(one.rank, other.rank))[0]?.stack;
}

/** Of a function of Node's that holds something of the application's, `place` is that of what it holds: it was not made around there. */
function whereItselfIsWritten({ className, path }: Traced, { places }: SiteFacts): Place | undefined {
  const place = path?.steps.at(-1)?.place;
  return place === undefined ? undefined : places.inFile(className, place.url, place.line, place.column);
}

/**
 * Of what has no place of its own, what hangs on it says nothing where a package wrote that: a connection of `ws` hangs on much. On a native
 * handle only those who asked for it hang: a package is better than nobody.
 */
function whereWritten({ className, place, placeOf }: Traced, { places }: SiteFacts): Place | undefined {
  if (place === undefined) return undefined;
  const where = places.inFile(className, place.url, place.line, place.column);
  return placeOf !== className && where.owner.is === 'package' && !NATIVE.test(className) ? undefined : where;
}

/** What is native has neither size nor stack of its own; who had made what hangs on it asked for it. */
function askedByWhoMade(
  stacks: readonly StackSuspect[],
  { carriesAlong }: Traced,
  facts: SiteFacts,
): SurvivorSite | undefined {
  const classes = new Set(carriesAlong.map(({ className }) => className));
  const fitting = stacks.filter(
    (stack) =>
      classes.has(stack.site.site.stack[0]?.functionName ?? '') && firstPlace(stack, facts)?.owner.is === 'application',
  );
  return fitting.toSorted((one, other) => other.bytesPerCycle - one.bytesPerCycle)[0]?.site.site;
}

/**
 * Of what has no class nothing but its number and about its size is known, and beside a leak of connections many stacks of packages have
 * either by chance: the application comes first, and of a package both have to fit.
 */
function orderByRate(
  stack: StackSuspect,
  { traced, selfBytes, ratePerCycle: perCycle = traced.perCycle }: Wanted,
  facts: SiteFacts,
): readonly number[] | undefined {
  const first = firstPlace(stack, facts);
  if (first === undefined) return undefined;
  const tolerance = perCycle * (traced.exact ? EXACT_RATE_SHARE : SAME_RATE_SHARE);
  const sizes = ratesBySize(stack);
  // One that is numbered is a figure longer by the time it is traced. What it is put together from has its size as well.
  const isSameSize = sizes.some(
    ({ bytes, rate }) => (bytes === selfBytes || bytes === selfBytes - WORD_BYTES) && rate >= perCycle - tolerance,
  );
  const rates = [rateOf(stack), ...sizes.flatMap(({ rate, withNext }) => [rate, withNext])];
  const isSameRate = rates.some((rate) => Math.abs(rate - perCycle) <= tolerance);
  if (!isSameSize && !(isSameRate && first.owner.is === 'application')) return undefined;
  return [facts.ownerRank(stack.site.site), isSameSize ? 0 : 1, isSameRate ? 0 : 1];
}

/** How many of each size a stack leaves in a cycle; `withNext`: together with those that are one word longer. */
function ratesBySize({
  site,
}: StackSuspect): readonly { readonly bytes: number; readonly rate: number; readonly withNext: number }[] {
  const cycles = site.windows.reduce((sum, window) => sum + window.cycles, 0);
  const rates = new Map(
    site.site.sizes.map(({ bytes }, size) => {
      const objects = (site.bySize[size] ?? []).reduce((sum, count) => sum + count, 0);
      return [bytes, cycles === 0 ? 0 : objects / cycles];
    }),
  );
  return [...rates].map(([bytes, rate]) => ({ bytes, rate, withNext: rate + (rates.get(bytes + WORD_BYTES) ?? 0) }));
}

/**
 * The nearest around a function is the one that begins last before it; a stack names functions by where they begin. In a file of Node's
 * many begin before it that have nothing to do with it: whoever makes something of its size comes first.
 */
function orderAround(
  stack: StackSuspect,
  where: Place,
  { selfBytes }: Wanted,
  facts: SiteFacts,
): readonly number[] | undefined {
  const innermost = stack.site.site.stack[0];
  const around = innermost === undefined ? undefined : facts.places.resolve(innermost);
  if (around === undefined || around.file !== where.file) return undefined;
  const isBefore = around.line < where.line || (around.line === where.line && around.column < where.column);
  const isOtherSize = where.owner.is === 'node' && !isOfSize(stack, selfBytes);
  return isBefore ? [isOtherSize ? 1 : 0, -around.line, -around.column] : undefined;
}

function orderByClass(
  stack: StackSuspect,
  { traced, makers, selfBytes, ratePerCycle }: Wanted,
  where: Place | undefined,
  facts: SiteFacts,
): readonly number[] | undefined {
  const { site } = stack.site;
  const first = firstPlace(stack, facts);
  const wantedRate = ratePerCycle ?? traced.perCycle;
  const isAlone = Math.abs(rateOf(stack) - wantedRate) <= SAME_RATE_SHARE * wantedRate;
  // An async function of the application makes more than the promise that it answers.
  const isAmong =
    ratePerCycle !== undefined && first?.owner.is === 'application' && isMadeBeside(stack, wantedRate, traced.exact);
  const isSameRate = isAlone || isAmong;
  const isSameSize = isOfSize(stack, selfBytes);
  const isConstructor = makers.includes(site.stack[0]?.functionName ?? '');
  const isThere = first !== undefined && (first.file === where?.file || isAskedOfNode(stack, where, facts));
  const isNear = isThere && (isSameRate || isSameSize);
  const isChained = makers.includes('Promise') && ratePerCycle !== undefined && isChaining(stack, ratePerCycle);
  const isEnough = isChained || (ratePerCycle !== undefined && isSameRate);
  if (!isSameSize && !isConstructor && !isNear && !isEnough) return undefined;
  // Whoever waits for a promise has it made by Node alone; that says nothing where others are known who chained it.
  const isSilent = ratePerCycle !== undefined && first === undefined;
  const isOwnClass = where !== undefined && where.owner.is !== 'node' && facts.tellingRank(traced.className) === 0;
  const isByOwner = first !== undefined && where !== undefined && isSameOwner(first.owner, where.owner);
  if (isOwnClass && !isConstructor && !isByOwner && first?.owner.is !== 'application') return undefined;
  // What the engine put into its caller has no frame: then it is that caller, and nobody whom the application calls, who made it.
  const isInside = isOwnClass && innermostOwner(stack, facts) === where.owner.is;
  const isEnoughOfSize = hasAsManyOfSize(stack, selfBytes, wantedRate, traced.exact);
  const fits = [
    !isSilent,
    isConstructor,
    isNear,
    isOwnClass && isByOwner,
    isInside,
    isEnoughOfSize,
    first !== undefined,
    isSameSize,
    isSameRate,
  ];
  return [...fits.map((it) => (it ? 0 : 1)), facts.ownerRank(site)];
}

function isOfSize({ site }: StackSuspect, selfBytes: number): boolean {
  return site.site.sizes.some(({ bytes }) => bytes === selfBytes);
}

function innermostOwner({ site }: StackSuspect, { places }: SiteFacts): Owner['is'] | undefined {
  const innermost = site.site.stack[0];
  return innermost === undefined ? undefined : places.resolve(innermost).owner.is;
}

/** One of a size in a while is by chance: whoever makes what is kept makes at least as many. */
function hasAsManyOfSize(stack: StackSuspect, selfBytes: number, perCycle: number, isExact: boolean): boolean {
  const least = perCycle * (1 - (isExact ? EXACT_RATE_SHARE : SAME_RATE_SHARE));
  return ratesBySize(stack).some(({ bytes, rate }) => bytes === selfBytes && rate >= least);
}

/** Whether of one size of what a stack makes there are as many. */
function isMadeBeside(stack: StackSuspect, perCycle: number, isExact: boolean): boolean {
  const tolerance = perCycle * (isExact ? EXACT_RATE_SHARE : SAME_RATE_SHARE);
  return ratesBySize(stack).some(({ rate }) => Math.abs(rate - perCycle) <= tolerance);
}

/** What Node itself defines, such as a handle, is made where it is defined. */
function isAskedOfNode({ site }: StackSuspect, where: Place | undefined, { places }: SiteFacts): boolean {
  const innermost = site.site.stack[0];
  if (where?.owner.is !== 'node' || innermost === undefined) return false;
  return places.resolve(innermost).file === where.file;
}

function isChaining(stack: StackSuspect, ratePerCycle: number): boolean {
  const maker = stack.site.site.stack[0]?.functionName ?? '';
  return CHAINING.has(maker) && rateOf(stack) >= CHAIN_SHARE * ratePerCycle;
}

/** What Node does inside is nobody's mistake: the first frame outside it is where somebody asked for it. */
function firstPlace({ site }: StackSuspect, { places }: SiteFacts): Place | undefined {
  const first = site.site.stack.find(({ url }) => !isOfNode(url));
  return first === undefined ? undefined : places.resolve(first);
}

function isSameOwner(one: Owner, other: Owner): boolean {
  if (one.is === 'package' && other.is === 'package') return one.name === other.name;
  return one.is === other.is;
}
