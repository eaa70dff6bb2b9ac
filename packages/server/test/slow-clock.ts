import { ManualClock } from './manual-clock.ts';

/** Each look at it takes its time, as work does: what is done in slices comes to their ends. */
export class SlowClock extends ManualClock {
  override now(): number {
    this.stall(0.01);
    return super.now();
  }
}
