import type { PressureStats } from '@watertight/server';
import type { SpecimenOptions } from './specimen-options.ts';

/** Overload ends this share below where it began. */
const HYSTERESIS = 0.05;
/** However pressed, somebody idle keeps this share of its time. */
const MIN_IDLE_SHARE = 0.05;

/** Whether the process has enough to do with those who are there: its heap and its event loop, looked at now and then. */
export class SpecimenPressure {
  readonly options: SpecimenOptions;
  level = 0;
  overloaded = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: SpecimenOptions) {
    this.options = options;
  }

  start(): void {
    if (this.options.hooks.readGauges === undefined) return;
    this.#timer = setInterval(() => this.look(), this.options.pressureIntervalMs).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  look(): void {
    const { overloadThreshold } = this.options;
    if (overloadThreshold === false) return;
    this.level = Math.max(this.heapShare(), this.delayShare());
    this.overloaded = this.level >= (this.overloaded ? this.endsBelow(overloadThreshold) : overloadThreshold);
  }

  heapShare(): number {
    const { maxHeapBytes, hooks } = this.options;
    return maxHeapBytes === false ? 0 : (hooks.readGauges?.().heapUsedBytes ?? 0) / maxHeapBytes;
  }

  delayShare(): number {
    const { maxEventLoopDelayMs, hooks } = this.options;
    return maxEventLoopDelayMs === false ? 0 : (hooks.readGauges?.().eventLoopDelayMs ?? 0) / maxEventLoopDelayMs;
  }

  /** It has to become better by more than a little before somebody is let in again. */
  endsBelow(overloadThreshold: number): number {
    return overloadThreshold - HYSTERESIS;
  }

  /** Less and less from the emergency threshold on; who is all that its user has keeps its time until overload. */
  idleTimeoutMs(wholeMs: number, isOnlyOne: boolean): number {
    if (isOnlyOne && !this.overloaded) return wholeMs;
    const left = (1 - Math.min(1, this.level)) / (1 - this.options.emergencyThreshold);
    return wholeMs * Math.min(1, Math.max(MIN_IDLE_SHARE, left));
  }

  read(): PressureStats {
    const state = this.overloaded ? 'overloaded' : 'normal';
    return Object.freeze({ state, level: this.level, managers: null, heap: null, eventLoopDelay: null });
  }
}
