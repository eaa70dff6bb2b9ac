/**
 * The functions of this folder are written here but run in the target: their source is sent there. So each is complete in
 * itself, and captures what it needs from its own realm before anything else happens.
 */
export interface Host {
  readonly isProxy: (value: unknown) => boolean;
  readonly isContext: (value: object) => boolean;
  /** Evaluates an expression in the realm of that sandbox. */
  readonly makeIn: (expression: string, sandbox: object) => unknown;
  readonly memoryUsage: () => NodeJS.MemoryUsage;
  readonly activeResources: () => readonly string[];
  readonly contextCount: () => number;
  readonly realmOfOursCount: number;
  readonly setImmediate: (callback: () => void) => unknown;
}

/** What the process says of itself. */
export interface ProcessState {
  readonly memory: {
    readonly heapUsedBytes: number;
    readonly externalBytes: number;
    readonly arrayBuffersBytes: number;
    readonly rssBytes: number;
  };
  readonly handles: Readonly<Record<string, number>>;
  /** Realms beside that of the program, ours not among them. */
  readonly otherRealmCount: number;
}

/** Names and numbers for classes. */
export interface Naming {
  /** The nearest prototype with a constructor of its own, so that `Object.create(instance)` makes no new class. */
  classPrototypeOf(prototype: object): object;
  /** The number of the class; the same in every look. */
  idOf(classPrototype: object): number;
  nameOf(classPrototype: object): string;
  /** Names of the class and of those it extends, as far as no proxy stands between. */
  lineageOf(prototype: object): readonly string[];
  /** Of any value; `string` and the like for what is no object. */
  kindOf(value: unknown): string;
  /** The value of a property of its own that is no accessor. */
  ownValue(object: object, key: PropertyKey): unknown;
  /** Whether the class is written in JavaScript, and no error: those have a stack that is made when it is read. */
  isOfScript(prototype: object): boolean;
  constructorOf(id: number): unknown;
}

/** Realms of `node:vm` beside that of the program. */
export interface Realms {
  /** Finds their sandboxes, the last eight, among these objects; answers how many that were. */
  find(objects: readonly object[]): number;
  /** Puts a courier into each that is still there; answers how many that were. */
  sendCouriers(): number;
  /** Whether objects with that prototype are the global object of such a realm: who asks it for a name asks the sandbox. */
  isOfGlobal(prototype: object): boolean;
  /** The lists of objects that the couriers brought back. */
  carried(): readonly (readonly object[])[];
  /** Forgets the couriers, and with them the lists. */
  letGo(): void;
}

/** Remembers sizes from look to look, and tells what has grown since it was first seen. */
export interface History {
  begin(look: number): void;
  /** `'new'` when it is seen for the first time; `undefined` when it has not grown. */
  note(owner: object, slot: string, size: number): Grown | 'new' | undefined;
  /** At the end of a look: what had changed and was not noted in it has become too small for that, or is gone. */
  settle(sizeOf: (slot: string) => number): void;
}

export interface Grown {
  /** Stays the same for the same owner and slot. */
  readonly id: number;
  /** One for each look so far; 0 before it was first seen. */
  readonly sizes: number[];
}

/** One of those that look closer while the walk over all objects passes. */
export interface Visitor<Result> {
  begin(): void;
  /** What to do with objects of this prototype; `undefined`: nothing. Asked once for each prototype. */
  visitsTo(prototype: object): ((object: object) => void) | undefined;
  end(): Result;
}

export type ClassRow = readonly [id: number, name: string, count: number];

export interface CollectionRow {
  readonly id: number;
  readonly kind: 'Map' | 'Set' | 'Array' | 'Object';
  readonly sizes: readonly number[];
  readonly holds: readonly string[];
}

export interface Collections {
  readonly rows: readonly CollectionRow[];
  readonly newest: readonly NewCollectionRow[];
}

/** The largest of its kind that was seen for the first time, or the one of the look before when none came and it is as it was. */
export interface NewCollectionRow extends Pick<CollectionRow, 'kind' | 'holds'> {
  readonly size: number;
}

export interface ListenerRow {
  readonly id: number;
  readonly emitter: string;
  readonly event: string;
  readonly counts: readonly number[];
}

export interface TimerRow {
  readonly immediate: boolean;
  readonly delayMs: number;
  readonly repeats: boolean;
  readonly referenced: boolean;
  readonly callback: string;
  /** A number for the callback's source text. */
  readonly site: number;
  readonly count: number;
}

/** What one walk over all objects brings back. */
export interface Survey {
  readonly classes: readonly ClassRow[];
  readonly collections: Collections | null;
  readonly listeners: readonly ListenerRow[];
  readonly timers: readonly TimerRow[];
  readonly runningChildren: number;
  /** `null` where the state of promises cannot be read. */
  readonly pendingPromises: number | null;
}
