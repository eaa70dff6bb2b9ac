import type { Instrument } from './instruments.ts';

/** Base units that Prometheus writes into the name; what is counted in words is not. */
const SUFFIXES: Readonly<Record<string, string>> = { s: '_seconds', By: '_bytes' };

/**
 * The name of an instrument in Prometheus, made as the OpenTelemetry specification says ("Prometheus and OpenMetrics compatibility"):
 * dots become underscores, then the unit, then `_total` for a counter, `_ratio` for a share.
 */
export function prometheusName({
  name,
  unit,
  kind,
}: Pick<Instrument, 'name' | 'unit'> & { kind?: Instrument['kind'] }): string {
  const base = name.replaceAll('.', '_') + (SUFFIXES[unit] ?? '');
  if (kind === 'counter') return `${base}_total`;
  return kind === 'gauge' && unit === '1' ? `${base}_ratio` : base;
}
