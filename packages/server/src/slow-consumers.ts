import { Deadline } from './deadline-queue.ts';
import { CHANNELS, publish } from './events.ts';
import { type Host, reportError } from './host.ts';
import { show } from './show.ts';
import type {
  BoundedConnection,
  SendBound,
  SlowConsumer,
  SlowConsumerAction,
  SlowConsumerPolicy,
} from './slow-consumer.ts';
import type { SlowConsumerStats } from './stats.ts';
import { isThenable } from './thenable.ts';

/** Recovered: at or below half of the bound. Looked at when something is sent, and as often as this. */
const LOOK_AGAIN_MS = 1000;

/** Bounds what waits for peers that do not read, and remembers who is over the bound. Exists only where there is a bound. */
export class SlowConsumers extends Deadline implements SendBound {
  readonly #host: Host;
  readonly #maxBufferedBytes: number;
  readonly #policy: SlowConsumerPolicy;
  readonly #slow = new Set<BoundedConnection>();
  #dropped = 0;
  #terminated = 0;

  constructor(host: Host, maxBufferedBytes: number, policy: SlowConsumerPolicy) {
    super();
    this.#host = host;
    this.#maxBufferedBytes = maxBufferedBytes;
    this.#policy = policy;
  }

  maySend(connection: BoundedConnection, frameBytes: number, isBegun = false): boolean {
    const { unsentBytes } = connection;
    if (unsentBytes + frameBytes <= this.#maxBufferedBytes) {
      if (this.#slow.size > 0) this.#look(connection, unsentBytes);
      return true;
    }
    const consumer: SlowConsumer = {
      user: connection.owner?.user ?? '',
      unsentBytes,
      frameBytes,
      maxBufferedBytes: this.#maxBufferedBytes,
    };
    const decided = this.#decide(consumer);
    const action = isBegun && decided === 'drop' ? 'send' : decided;
    if (!this.#slow.has(connection)) {
      if (this.#slow.size === 0) this.#arm();
      this.#slow.add(connection);
      publish(CHANNELS['watertight:consumer:slow'], this.#host, () => ({ ...consumer, action }));
    }
    if (action === 'send') return true;
    if (action === 'drop') {
      this.#dropped += 1;
    } else {
      this.#terminated += 1;
      this.#slow.delete(connection);
      connection.endAs('slow-consumer');
    }
    return false;
  }

  stats(): SlowConsumerStats {
    let now = 0;
    for (const connection of this.#slow) if (!connection.ended) now += 1;
    return Object.freeze({ now, framesDropped: this.#dropped, terminated: this.#terminated });
  }

  override onDue(): void {
    for (const connection of this.#slow) this.#look(connection, connection.unsentBytes);
    if (this.#slow.size > 0) this.#arm();
  }

  #look(connection: BoundedConnection, unsentBytes: number): void {
    if (connection.ended) this.#slow.delete(connection);
    else if (unsentBytes <= this.#maxBufferedBytes / 2 && this.#slow.delete(connection))
      publish(CHANNELS['watertight:consumer:recovered'], this.#host, () => ({
        user: connection.owner?.user ?? '',
        unsentBytes,
      }));
  }

  #decide(consumer: SlowConsumer): SlowConsumerAction {
    if (typeof this.#policy === 'string') return this.#policy;
    const failed = (error: unknown): void => reportError(this.#host, error, 'slow-consumer', consumer.user);
    try {
      const action: unknown = this.#policy(consumer);
      if (isAction(action)) return action;
      // Nobody can wait for it: the frame is sent now, or not at all.
      if (isThenable(action)) action.then(undefined, failed);
      const got = isThenable(action) ? 'a promise' : show(action);
      throw new TypeError(`onSlowConsumer must answer 'send', 'drop' or 'terminate', at once; got ${got}`);
    } catch (error) {
      failed(error);
      return 'terminate';
    }
  }

  #arm(): void {
    this.#host.deadlines.schedule(this, LOOK_AGAIN_MS, this.#host.clock.now());
  }
}

function isAction(answer: unknown): answer is SlowConsumerAction {
  return answer === 'send' || answer === 'drop' || answer === 'terminate';
}
