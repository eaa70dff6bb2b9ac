/** Objects of one class that grow behind a holder that does not. */
export interface GrowingNode {
  /** What grows: `Session`, `onClose()`, `(string)`. */
  readonly className: string;
  /** What holds them, as a path of labels and classes without ids; elements, entries and list links are `[…]`. */
  readonly signature: readonly string[];
  /** How many there were in each heap. */
  readonly counts: readonly number[];
  readonly perCycle: number;
  /** Whether every interval brought the same whole number per cycle. */
  readonly exact: boolean;
  /** With everything that is reached only through them first. */
  readonly bytesPerCycle: number;
  /** What hangs below and grows with it, the most numerous first. */
  readonly carriesAlong: readonly { readonly className: string; readonly perCycle: number }[];
  /** The youngest of them, a node of the last heap. */
  readonly exampleNode: number;
}
