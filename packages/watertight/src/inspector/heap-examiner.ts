import type { InspectorChannel } from './channel.ts';
import { OBJECT_GROUP, type RemoteObject } from './evaluate.ts';
import { ExaminerRealm } from './examiner-realm.ts';
import { takeHeapSnapshot } from './heap-snapshot.ts';
import type {
  HeapExamination,
  HeapLook,
  HeapLookOptions,
  SourcePosition,
  SurvivorSite,
  TimerCount,
} from './heap-types.ts';
import type { ProcessState, Survey, TimerRow } from './in-target/types.ts';
import { plantLeak, type Plant } from './plant.ts';
import { Positions, type Script } from './positions.ts';
import { OtherRealms } from './realms.ts';
import type { SamplingProfile } from './sampling-profile.ts';
import { SurvivorWindows } from './survivors.ts';

/** Exact: every object is a sample. */
const DEFAULT_SAMPLING_INTERVAL_BYTES = 1;
/** A walk takes 15 ms for each MB of small objects on an idle machine. */
const LOOK_TIMEOUT_MS = 30_000;
const LOOK_TIMEOUT_MS_PER_MB = 300;
const CLOSE_TIMEOUT_MS = 1_000;

export interface ExamineHeapOptions {
  /** Default 1: every object allocated from now on is known by where it was allocated. Larger is cheaper and an estimate. */
  readonly samplingIntervalBytes?: number;
}

/** Begins an examination of one isolate: what is allocated from now on is known by where. */
export async function examineHeap(
  channel: InspectorChannel,
  { samplingIntervalBytes = DEFAULT_SAMPLING_INTERVAL_BYTES }: ExamineHeapOptions = {},
): Promise<HeapExamination> {
  if (!Number.isInteger(samplingIntervalBytes) || samplingIntervalBytes < 1) {
    throw new RangeError(`samplingIntervalBytes is ${samplingIntervalBytes}: an integer of at least 1 byte is needed`);
  }
  const realm = await ExaminerRealm.open(channel);
  const root = await realm.rootPrototype();
  await channel.call('HeapProfiler.enable');
  await channel.call('HeapProfiler.startSampling', { samplingInterval: samplingIntervalBytes });
  // What Node makes when it is asked for the first time belongs before the first look.
  const { otherRealmCount } = await realm.ask<ProcessState>('processState', []);
  const otherRealms = new OtherRealms(channel, realm);
  // A realm whose objects came into the counts later would look like growth.
  if (otherRealmCount > 0) await otherRealms.find(root, await walkTimeoutMs(channel));
  return new HeapExaminer(channel, realm, root, otherRealms);
}

const NOTHING_SURVEYED = {
  walkedRealmCount: 0,
  classes: [],
  collections: null,
  listeners: [],
  timers: [],
  runningChildren: undefined,
  pendingPromises: null,
};

class HeapExaminer implements HeapExamination {
  readonly #channel: InspectorChannel;
  readonly #realm: ExaminerRealm;
  readonly #root: string;
  readonly #survivors = new SurvivorWindows();
  readonly #positions: Positions;
  readonly #otherRealms: OtherRealms;
  /** By the number of the callback's source text. */
  readonly #callbacks = new Map<number, SourcePosition | undefined>();
  #lookCount = 0;
  #askedCount = 0;
  #isSampling = true;
  #closing: Promise<void> | undefined;

  constructor(channel: InspectorChannel, realm: ExaminerRealm, root: string, otherRealms: OtherRealms) {
    this.#channel = channel;
    this.#realm = realm;
    this.#root = root;
    this.#positions = new Positions(channel);
    this.#otherRealms = otherRealms;
  }

  async look({ classes, collections }: HeapLookOptions): Promise<HeapLook> {
    const timeoutMs = await walkTimeoutMs(this.#channel);
    await this.#realm.turn(timeoutMs);
    const startedAtMs = performance.now();
    // What the target has printed is kept for us, with every error in it.
    await this.#channel.call('Runtime.discardConsoleEntries', {}, timeoutMs);
    await this.#channel.call('HeapProfiler.collectGarbage', {}, timeoutMs);
    // Finalizers run in turns of their own, and let go of more.
    await this.#realm.turn(timeoutMs);
    const index = this.#lookCount;
    this.#lookCount += 1;
    const survey = classes || collections ? await this.#survey(index, collections, timeoutMs) : NOTHING_SURVEYED;
    // After the walk, which collects more thoroughly than what collects here.
    const survivors = this.#isSampling ? await this.#readSurvivors(timeoutMs) : [];
    const stoppedMs = performance.now() - startedAtMs;
    return {
      index,
      stoppedMs,
      classes: survey.classes.map(([id, name, count]) => ({ id, name, count })),
      collections: survey.collections?.rows.map((row) => ({ ...row, size: row.sizes.at(-1) ?? 0 })),
      newCollections: survey.collections?.newest ?? [],
      sampled: this.#isSampling,
      survivors,
      listeners: survey.listeners.map((row) => ({ ...row, count: row.counts.at(-1) ?? 0 })),
      timers: await this.#timers(survey.timers),
      pendingPromises: survey.pendingPromises ?? undefined,
      runningChildren: survey.runningChildren,
      walkedRealmCount: survey.walkedRealmCount,
      ...(await this.#realm.ask<ProcessState>('processState', [])),
    };
  }

  async stopSampling(): Promise<void> {
    if (!this.#isSampling) return;
    this.#isSampling = false;
    await this.#channel.call('HeapProfiler.stopSampling');
  }

  async positionOf(classId: number): Promise<SourcePosition | undefined> {
    return await this.#positionOfFunction('constructorOf', classId, ({ description }) => nameIn(description));
  }

  scripts(): Promise<ReadonlyMap<string, Script>> {
    return this.#positions.scripts();
  }

  snapshot(onChunk: (chunk: string) => void): Promise<void> {
    return takeHeapSnapshot(this.#channel, onChunk, { numericValues: true });
  }

  async allocationProfiles(): Promise<readonly SamplingProfile[]> {
    return this.#isSampling ? [await this.#readProfile(await walkTimeoutMs(this.#channel))] : [];
  }

  plant(count: number): Promise<Plant> {
    return plantLeak(this.#channel, this.#otherRealms, count);
  }

  unseen(): readonly string[] {
    return [];
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    // Each step may fail because the target is gone, and then there is nothing left to take back.
    if (this.#isSampling)
      await this.#channel.call('HeapProfiler.stopSampling', {}, CLOSE_TIMEOUT_MS).catch(() => undefined);
    await this.#channel.call('HeapProfiler.disable', {}, CLOSE_TIMEOUT_MS).catch(() => undefined);
    await this.#realm.close(CLOSE_TIMEOUT_MS).catch(() => undefined);
  }

  async #readSurvivors(timeoutMs: number): Promise<readonly SurvivorSite[]> {
    return this.#survivors.read(await this.#readProfile(timeoutMs));
  }

  async #readProfile(timeoutMs: number): Promise<SamplingProfile> {
    const { profile } = await this.#channel.call('HeapProfiler.getSamplingProfile', {}, timeoutMs);
    return profile as SamplingProfile;
  }

  async #survey(
    look: number,
    withCollections: boolean,
    timeoutMs: number,
  ): Promise<Survey & { readonly walkedRealmCount: number }> {
    const group = `${OBJECT_GROUP}-walk`;
    try {
      const walkedRealmCount = await this.#otherRealms.list(group, timeoutMs);
      const ask = { prototypeObjectId: this.#root, objectGroup: group };
      const { objects } = await this.#channel.call('Runtime.queryObjects', ask, timeoutMs);
      const { objectId } = objects as { readonly objectId: string };
      const args = [{ value: look }, { objectId }, { value: withCollections }];
      const survey = await this.#realm.ask<Survey>('survey', args, timeoutMs);
      return { ...survey, walkedRealmCount };
    } finally {
      // A target that died meanwhile has released everything.
      await this.#channel.call('Runtime.releaseObjectGroup', { objectGroup: group }).catch(() => undefined);
    }
  }

  async #timers(rows: readonly TimerRow[]): Promise<readonly TimerCount[]> {
    const counts: TimerCount[] = [];
    for (const { immediate, site, ...row } of rows) {
      const kind = immediate ? 'immediate' : `${row.repeats ? 'interval' : 'timeout'} ${row.delayMs} ms`;
      counts.push({ ...row, kind, position: await this.#positionOfCallback(site, row.callback) });
    }
    return counts;
  }

  async #positionOfCallback(site: number, name: string): Promise<SourcePosition | undefined> {
    if (this.#callbacks.has(site)) return this.#callbacks.get(site);
    const position = await this.#positionOfFunction('callbackOf', site, () => name);
    this.#callbacks.set(site, position);
    return position;
  }

  async #positionOfFunction(
    of: 'constructorOf' | 'callbackOf',
    number: number,
    nameOf: (found: RemoteObject) => string,
  ): Promise<SourcePosition | undefined> {
    this.#askedCount += 1;
    const group = `${OBJECT_GROUP}-function-${this.#askedCount}`;
    const found = await this.#realm.askForHandle(of, [{ value: number }], group);
    if (found.objectId === undefined) return undefined;
    const position = await this.#positions.ofFunction(found.objectId, nameOf(found));
    // The handles, of its scopes as well, would keep it alive and be counted.
    await this.#channel.call('Runtime.releaseObjectGroup', { objectGroup: group });
    return position;
  }
}

async function walkTimeoutMs(channel: InspectorChannel): Promise<number> {
  const { usedSize } = await channel.call('Runtime.getHeapUsage', {}, LOOK_TIMEOUT_MS);
  return Math.ceil(LOOK_TIMEOUT_MS + (Number(usedSize) / 2 ** 20) * LOOK_TIMEOUT_MS_PER_MB);
}

/** The protocol describes a class by its source; the name stands at its beginning. */
function nameIn(description = ''): string {
  return /^(?:class|(?:async )?function\*?)\s+([\w$]+)/.exec(description)?.[1] ?? '';
}
