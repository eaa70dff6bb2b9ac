import { createHook } from 'node:async_hooks';

import { captureStack, directPlaceIn } from '../caller-place.ts';
import { currentLife, type Life } from './life-context.ts';

/** A timer that code of a manager started by itself. */
export interface WatchedTimer {
  readonly place: string;
  /** Called when it has fired for the last time or was stopped. */
  onGone: (() => void) | undefined;
}

const TIMER_MODULES = [
  'node:internal/async_hooks',
  'node:internal/timers',
  'node:timers',
  'node:timers/promises',
  'node:internal/util',
];

const ofLife = new WeakMap<Life, Set<WatchedTimer>>();
const byAsyncId = new Map<number, { readonly life: WeakRef<Life>; readonly timer: WatchedTimer }>();

const hook = createHook({
  init(asyncId, type) {
    if (type !== 'Timeout') return;
    const life = currentLife();
    if (life === undefined) return;
    const place = directPlaceIn(captureStack(), TIMER_MODULES);
    if (place === undefined) return;
    const timer: WatchedTimer = { place, onGone: undefined };
    byAsyncId.set(asyncId, { life: new WeakRef(life), timer });
    const timers = ofLife.get(life) ?? new Set();
    ofLife.set(life, timers.add(timer));
  },
  destroy(asyncId) {
    const watched = byAsyncId.get(asyncId);
    if (watched === undefined) return;
    byAsyncId.delete(asyncId);
    const life = watched.life.deref();
    if (life !== undefined) ofLife.get(life)?.delete(watched.timer);
    watched.timer.onGone?.();
  },
});

export function watchTimers(): void {
  hook.enable();
}

export function stopWatchingTimers(): void {
  hook.disable();
  byAsyncId.clear();
}

/** Those that still run. */
export function timersOf(life: Life): readonly WatchedTimer[] {
  return [...(ofLife.get(life) ?? [])];
}
