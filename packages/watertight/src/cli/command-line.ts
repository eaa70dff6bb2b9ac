/** A value and who gave it. */
export interface Given<T> {
  readonly by: 'option' | 'config';
  readonly value: T;
}

/** The command line as commander split it: raw values by config key, and what stood behind `--`. */
export interface CommandLine {
  readonly raw: ReadonlyMap<string, unknown>;
  readonly command: readonly string[];
}
