import type { LifeEnding } from './recipes/types.ts';

/** Every ending that needs no more than a wire, by name: for callers without types. */
export const WIRE_ENDINGS: Readonly<Record<Exclude<LifeEnding, 'during-work' | 'as-written'>, true>> = {
  'close-frame': true,
  fin: true,
  rst: true,
  vanish: true,
  stall: true,
  'protocol-error': true,
  'oversized-frame': true,
  'mid-frame': true,
  'abort-in-upgrade': true,
  'abort-after-response': true,
};
