import type { Finding } from '../trace/finding.ts';
import type { HeapSummary } from '../trace/heap-summary.ts';
import type { IndependentRetainers } from '../trace/retainers.ts';
import type { RetainingPath } from '../trace/retaining-path.ts';

/** One class, or one object, of the last heap. */
export interface Subject {
  readonly className: string;
  /** The object looked at: the one asked for, or the youngest of its class. */
  readonly id: number;
  readonly count: number;
  readonly selfBytes: number;
  readonly retainedBytes: number;
  readonly path: RetainingPath | undefined;
  readonly retainers: IndependentRetainers;
}

/** What `--json` writes and the terminal shows. */
export interface TraceResult {
  readonly heaps: readonly { readonly file: string; readonly nodeCount: number; readonly edgeCount: number }[];
  /** What makes the rest doubtful, in sentences. */
  readonly notes: readonly string[];
  readonly cycles: readonly number[] | undefined;
  readonly growing: readonly Finding[] | undefined;
  readonly summary: HeapSummary | undefined;
  readonly subject: Subject | undefined;
}
