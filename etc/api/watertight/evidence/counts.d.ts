/** Counts by name at one look. */
export type Counts = Readonly<Record<string, number>>;
