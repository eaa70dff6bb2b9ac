import type { SurvivorSite } from '../inspector/heap-types.ts';
import type { TrafficLook, TrafficSampler } from '../inspector/traffic-sampler.ts';
import type { Place } from '../verdict/finding.ts';
import type { WatchedPlace } from '../verdict/growing-places.ts';
import type { TrafficPoint } from '../verdict/steady-growth.ts';
import { isOfNode } from './owner.ts';
import type { PlaceResolver } from './places.ts';

/** Looks that are remembered one by one: a day of five minutes each. Above that the older ones are merged, two into one. */
const MAX_LOOKS = 288;

interface Kept {
  readonly place: Place;
  stack: readonly Place[];
  windows: { samples: number; bytes: number }[];
  aliveBytes: number[];
}

/** What was seen of real traffic, look by look, by the innermost place in the application's own code. Bounded, however long it goes. */
export class TrafficRecord {
  readonly #sampler: TrafficSampler;
  readonly #resolver: PlaceResolver;
  readonly #points: TrafficPoint[] = [];
  readonly #kept = new Map<string, Kept>();
  readonly #stacks = new Map<string, readonly Place[]>();
  readonly #scriptIds = new Set<string>();

  constructor(sampler: TrafficSampler, resolver: PlaceResolver) {
    this.#sampler = sampler;
    this.#resolver = resolver;
  }

  get points(): readonly TrafficPoint[] {
    return this.#points;
  }

  get places(): readonly WatchedPlace[] {
    return [...this.#kept].map(([key, kept]) => ({ key, ...kept }));
  }

  async look(): Promise<TrafficLook> {
    if (this.#points.length >= MAX_LOOKS) this.#mergeOlder();
    const look = await this.#sampler.look();
    await this.#learnScripts(look.survivors);
    const { acceptedCount, openCount, heapUsedBytes, outsideHeapBytes } = look;
    this.#points.push({ atMs: performance.now(), acceptedCount, openCount, heapUsedBytes, outsideHeapBytes });
    this.#add(look.survivors);
    return look;
  }

  /** What is loaded later, such as a handler with its first request, may have its source map in the process alone as well. */
  async #learnScripts(survivors: readonly SurvivorSite[]): Promise<void> {
    const positions = survivors.filter(({ key }) => !this.#stacks.has(key)).flatMap(({ stack }) => stack);
    const isNew = positions.some(({ url, scriptId }) => !isOfNode(url) && !this.#scriptIds.has(scriptId));
    if (!isNew) return;
    const scripts = [...(await this.#sampler.scripts())];
    this.#resolver.know(scripts.filter(([id]) => !this.#scriptIds.has(id)).map(([, script]) => script));
    // Of one that is gone nobody tells any more: it is asked for once.
    for (const id of [...scripts.map(([one]) => one), ...positions.map(({ scriptId }) => scriptId)])
      this.#scriptIds.add(id);
  }

  #add(survivors: readonly SurvivorSite[]): void {
    const lookCount = this.#points.length;
    const largest = new Map<string, number>();
    const seen = new Set(survivors.map(({ key }) => key));
    for (const key of this.#stacks.keys()) if (!seen.has(key)) this.#stacks.delete(key);
    for (const kept of this.#kept.values()) {
      kept.windows = Array.from({ length: lookCount }, () => ({ samples: 0, bytes: 0 }));
      kept.aliveBytes.push(0);
    }
    for (const site of survivors) {
      const stack = this.#stackOf(site);
      const place = ownPlace(stack);
      if (place === undefined) continue;
      const key = `${place.file}:${place.line}:${place.column}`;
      const kept = this.#kept.get(key) ?? newlyKept(place, lookCount);
      this.#kept.set(key, kept);
      let bytes = 0;
      for (const [index, window] of site.windows.entries()) {
        const own = kept.windows[index];
        if (own === undefined) continue;
        own.samples += window.objects;
        own.bytes += window.bytes;
        bytes += window.bytes;
      }
      kept.aliveBytes[lookCount - 1] = (kept.aliveBytes[lookCount - 1] ?? 0) + bytes;
      if (bytes <= (largest.get(key) ?? 0)) continue;
      largest.set(key, bytes);
      kept.stack = stack;
    }
    for (const [key, kept] of this.#kept) if (!largest.has(key)) forget(this.#kept, key, kept);
  }

  #stackOf({ key, stack }: SurvivorSite): readonly Place[] {
    const known = this.#stacks.get(key);
    if (known !== undefined) return known;
    const places = stack.map((position) => this.#resolver.resolve(position));
    this.#stacks.set(key, places);
    return places;
  }

  #mergeOlder(): void {
    for (let index = MAX_LOOKS / 2 - 1; index > 0; index -= 2) {
      this.#sampler.mergeWindows(index);
      this.#points.splice(index, 1);
      for (const { aliveBytes } of this.#kept.values()) aliveBytes.splice(index, 1);
    }
  }
}

/** The innermost frame of the application; where it has none, of a package, and else of Node itself. */
function ownPlace(stack: readonly Place[]): Place | undefined {
  return (
    stack.find(({ owner }) => owner.is === 'application') ??
    stack.find(({ owner }) => owner.is === 'package') ??
    stack[0]
  );
}

function newlyKept(place: Place, lookCount: number): Kept {
  const windows = Array.from({ length: lookCount }, () => ({ samples: 0, bytes: 0 }));
  return { place, stack: [place], windows, aliveBytes: windows.map(() => 0) };
}

/** A place of which nothing is alive, and nothing was for a while, is no longer remembered. */
function forget(all: Map<string, Kept>, key: string, { aliveBytes }: Kept): void {
  if (aliveBytes.slice(-3).every((bytes) => bytes === 0)) all.delete(key);
}
