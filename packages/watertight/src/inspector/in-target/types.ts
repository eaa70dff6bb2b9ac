/**
 * What functions of this folder get from the realm they look at. They are written here, but run in the target: their source
 * is sent there. So each is complete in itself, and captures what it needs from its own realm before anything else happens.
 */
export interface Host {
  readonly isProxy: (value: unknown) => boolean;
}

/** Names and numbers for classes. */
export interface Naming {
  /** The nearest prototype with a constructor of its own, so that `Object.create(instance)` makes no new class. */
  classPrototypeOf(prototype: object): object;
  /** The number of the class; the same in every look. */
  idOf(classPrototype: object): number;
  nameOf(classPrototype: object): string;
  /** Of any value; `string` and the like for what is no object. */
  kindOf(value: unknown): string;
  constructorOf(id: number): unknown;
}

/** What one walk over all objects brings back, short because it travels as text. */
export interface Survey {
  readonly classes: readonly (readonly [id: number, name: string, count: number])[];
}
