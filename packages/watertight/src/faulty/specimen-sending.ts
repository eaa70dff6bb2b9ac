import type { SlowConsumer, SlowConsumerAction, SlowConsumerStats } from '@watertight/server';
import type { SpecimenOptions } from './specimen-options.ts';

/** The bound of what waits for somebody who does not read. */
export class SpecimenSending {
  readonly options: SpecimenOptions;
  #dropped = 0;
  #terminated = 0;

  constructor(options: SpecimenOptions) {
    this.options = options;
  }

  /** What is done with one frame more. */
  decide(user: string, unsentBytes: number, frameBytes: number): SlowConsumerAction {
    const { maxBufferedBytes } = this.options;
    if (maxBufferedBytes === false || !this.isOver(unsentBytes, frameBytes, maxBufferedBytes)) return 'send';
    const action = this.whenOver({ user, unsentBytes, frameBytes, maxBufferedBytes });
    if (action === 'drop') this.#dropped += 1;
    if (action === 'terminate') this.#terminated += 1;
    return action;
  }

  isOver(unsentBytes: number, frameBytes: number, maxBytes: number): boolean {
    return unsentBytes + frameBytes > maxBytes;
  }

  whenOver(consumer: SlowConsumer): SlowConsumerAction {
    const { onSlowConsumer, hooks } = this.options;
    return onSlowConsumer === 'function' ? (hooks.onSlowConsumer?.(consumer) ?? 'terminate') : onSlowConsumer;
  }

  read(): SlowConsumerStats {
    return Object.freeze({ now: 0, framesDropped: this.#dropped, terminated: this.#terminated });
  }
}
