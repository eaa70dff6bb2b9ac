import type { Figure, TimingSummary } from '../verdict/types.ts';

/** `slotReusableMs: 12.3` → `slot reusable 12.3 ms`: the unit stands in the name, as everywhere. */
export function formatFigure(name: string, value: Figure): string {
  const [, stem = name, suffix = ''] = /^(.+?)(Ms| ms|Bytes| bytes|Count)?$/.exec(name) ?? [];
  const unit = suffix.trim().toLowerCase();
  const words = stem.replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase();
  if (typeof value === 'number' && unit === 'ms') return `${words} ${formatMs(value)}`;
  if (typeof value === 'number' && unit === 'bytes') return `${words} ${formatBytes(value)}`;
  if (typeof value === 'number') return `${words} ${formatNumber(value)}`;
  return `${words} ${value === null ? 'none' : value === true ? 'yes' : value === false ? 'no' : value}`;
}

export function formatFigures(figures: Readonly<Record<string, Figure>>): string {
  return Object.entries(figures)
    .map(([name, value]) => formatFigure(name, value))
    .join(', ');
}

export function formatTiming(operation: string, timing: TimingSummary): string {
  return `${operation} p50 ${formatMs(timing.p50Ms)}, max ${formatMs(timing.maxMs)} (${timing.count})`;
}

export function formatMs(ms: number): string {
  if (!Number.isFinite(ms)) return 'unmeasured';
  if (Math.abs(ms) >= 10_000) return `${(ms / 1000).toFixed(1)} s`;
  return Math.abs(ms) >= 10 || ms === 0 ? `${Math.round(ms)} ms` : `${Number(ms.toFixed(1))} ms`;
}

export function formatSeconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

export function formatBytes(bytes: number): string {
  const sign = bytes < 0 ? '-' : '';
  const size = Math.abs(bytes);
  if (size < 1024) return `${sign}${Math.round(size)} B`;
  return size < 1024 ** 2 ? `${sign}${(size / 1024).toFixed(1)} KB` : `${sign}${(size / 1024 ** 2).toFixed(1)} MB`;
}

/** `1 leak`, `3 leaks`. */
export function formatCount(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

export function formatNumber(value: number): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toFixed(3)));
}
