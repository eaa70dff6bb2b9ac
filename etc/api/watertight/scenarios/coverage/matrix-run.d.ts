import type { QuietCell } from '../../verdict/types.ts';
import type { ProgressLine } from '../progress-line.ts';
/** The target of a check in place of the healthy specimen. */
export declare const GREEN_ON_TARGET: QuietCell;
/** What one specimen came to under one scenario. */
export interface CellOutcome {
    readonly specimen: string;
    readonly scenario: string;
    /** A step named for the fault that turned red, or the first of the others, else `green` or {@link GREEN_ON_TARGET}, else `inconclusive`. */
    readonly outcome: string;
    /** Why, unless green. */
    readonly note: string;
}
/** What became of all cells. Plain: it travels between processes. */
export interface MatrixResult {
    readonly outcomes: readonly CellOutcome[];
    readonly specimenCount: number;
    readonly repeatedCount: number;
    readonly socketsOpened: number;
}
/** The fault matrix, under way in a process of its own. */
export interface MatrixRun {
    /** Scenarios that the target is put to meanwhile. */
    readonly onTarget: readonly string[];
    /** Resolves when it is through, and tells how far it is meanwhile. Rejects when the process ends before that. */
    result(progress: (line: ProgressLine) => void): Promise<MatrixResult>;
    /** Gives it up if it is not through; resolves when nothing of it is left. Idempotent. */
    end(): Promise<void>;
}
