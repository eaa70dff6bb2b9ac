import type { MatrixMessage } from './matrix-process.ts';
import type { ProgressLine } from '../progress-line.ts';
import { COVERAGE_MODES } from '../types.ts';
import { planCells } from './plan.ts';
import { runCells } from './run-cells.ts';

/** The process of {@link startMatrixProcess}: ends, and its specimens with it, when whoever started it is gone. */
const given = new AbortController();
const giveUp = (): void => given.abort(new Error('given up'));
process.once('disconnect', giveUp);
// Ctrl-C reaches the whole group; the specimens still have to be ended.
process.on('SIGINT', giveUp);
process.on('SIGTERM', giveUp);

const tell = (message: MatrixMessage): void => {
  if (process.connected) process.send?.(message);
};

const [, , wanted, ...onTarget] = process.argv;
const mode = COVERAGE_MODES.find((known) => known === wanted) ?? 'quick';
const show = (line: ProgressLine): void => tell({ kind: 'progress', line });
const result = await runCells(mode, given.signal, show, planCells(mode, onTarget));
if (!given.signal.aborted) tell({ kind: 'result', result });
if (process.connected) process.disconnect();
