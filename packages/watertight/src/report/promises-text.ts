import type { CheckResult, Promised } from '../verdict/types.ts';
import { formatMs } from './figures.ts';

export interface PromiseRow {
  readonly name: string;
  readonly text: string;
  readonly promised: boolean;
}

/** One line per promise: what it is, and who said so. */
export function describePromises(promises: CheckResult['promises']): PromiseRow[] {
  return [
    row('limit', promises.limit, (value) => `${value} managers per user`),
    row('cleanup deadline', promises.deadlineMs, formatMs),
    row(
      'emergency threshold',
      promises.emergencyThreshold,
      (value) => `${Number((value * 100).toFixed(1))} % of the limit`,
    ),
    row('silence detected within', promises.silenceDetectedWithinMs, formatMs),
  ];
}

function row(name: string, promised: Promised<number>, format: (value: number) => string): PromiseRow {
  const isPromised = promised.by !== 'nobody';
  return {
    name,
    promised: isPromised,
    text: isPromised ? `${format(promised.value)} (${SPEAKER[promised.by]})` : 'not promised',
  };
}

const SPEAKER = { option: 'command line', config: 'config file', target: 'the target itself' } as const;
