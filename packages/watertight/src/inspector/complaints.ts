import type { Complaint } from '../verdict/complaint.ts';
import type { InspectorChannel } from './channel.ts';
import { callOn, evaluateHandle, OWN_FUNCTIONS } from './evaluate.ts';

const CLOSE_TIMEOUT_MS = 1_000;
/** Node counts rejections for its own trace, and tells the numbers there since the process began. */
const REJECTIONS = { traceConfig: { includedCategories: ['node.promises.rejections'] } };

interface TraceEvent {
  readonly name: string;
  readonly args: { readonly unhandled?: number; readonly handledAfter?: number };
}

/**
 * Hears what a process warns of, and which exceptions its own handler swallows, by listeners that change nothing; rejections
 * are counted by Node's own trace, because a listener for them would keep the process alive that dies of one.
 */
export class Complaints {
  readonly #session: InspectorChannel;
  readonly #ears: string;
  #rejectionCount = 0;
  #isTracing = false;

  private constructor(session: InspectorChannel, ears: string) {
    this.#session = session;
    this.#ears = ears;
    session.on('NodeTracing.dataCollected', ({ value }) => {
      for (const { name, args } of value as readonly TraceEvent[]) {
        if (name === 'rejections') this.#rejectionCount = Number(args.unhandled) - Number(args.handledAfter);
      }
    });
  }

  static async listen(session: InspectorChannel): Promise<Complaints> {
    const complaints = new Complaints(session, await evaluateHandle(session, EARS));
    await complaints.#trace();
    return complaints;
  }

  async heard(): Promise<readonly Complaint[]> {
    await this.#stopTracing();
    await this.#trace();
    const heard = await callOn<readonly Complaint[]>(this.#session, this.#ears, 'function () { return this.heard(); }');
    if (this.#rejectionCount <= 0) return heard;
    const count = this.#rejectionCount;
    return [...heard, { is: 'unhandled rejection', name: 'rejection', count, firstText: null }];
  }

  async close(): Promise<void> {
    // Each step may fail because the target is gone, and then there is nothing left to take back.
    await this.#stopTracing();
    const source = 'function () { this.close(); }';
    await callOn(this.#session, this.#ears, source, CLOSE_TIMEOUT_MS).catch(() => undefined);
  }

  /** A target that cannot be traced, such as one that already is, is only heard. */
  async #trace(): Promise<void> {
    this.#isTracing = await this.#session.call('NodeTracing.start', REJECTIONS, CLOSE_TIMEOUT_MS).then(
      () => true,
      () => false,
    );
  }

  async #stopTracing(): Promise<void> {
    if (!this.#isTracing) return;
    this.#isTracing = false;
    await this.#session.call('NodeTracing.stop', {}, CLOSE_TIMEOUT_MS).catch(() => undefined);
  }
}

/**
 * Neither listener is added where that could be noticed: by a listener for new listeners beside Node's own, or by a warning
 * that there are too many. What an error says is read without running a getter of it.
 */
const EARS = `(function watertightEars() {
  const { on, removeListener, listeners, listenerCount, getMaxListeners } = process.getBuiltinModule('node:events').EventEmitter.prototype;
  const { getOwnPropertyDescriptor, getPrototypeOf } = Object;
  const { isProxy } = process.getBuiltinModule('node:util').types;
  const count = (event) => listenerCount.call(process, event);
  const textOfFunction = (it) => Function.prototype.toString.call(it);
  const isNodes = (it) => /^function st(art|op)ListeningIfSignal|hasMultipleResolvesListener/.test(textOfFunction(it));
  const isNoticed = ['newListener', 'removeListener'].some((event) => !listeners.call(process, event).every(isNodes));
  const most = getMaxListeners.call(process);
  const rows = [];
  const textOf = (error, key) => {
    for (let it = error; typeof it === 'object' && it !== null && !isProxy(it); it = getPrototypeOf(it)) {
      const found = getOwnPropertyDescriptor(it, key);
      if (found !== undefined) return typeof found.value === 'string' ? found.value : '';
    }
    return typeof error === 'string' && key === 'message' ? error : '';
  };
  const note = (is, error) => {
    const name = textOf(error, 'name') || 'Error';
    const row = rows.find((one) => one.is === is && one.name === name);
    if (row !== undefined) row.count += 1;
    else if (rows.length < 50) rows.push({ __proto__: null, is, name: name.slice(0, 100), count: 1, firstText: textOf(error, 'message').slice(0, 300) });
  };
  const ears = [
    ['warning', function ${OWN_FUNCTIONS}Warning(warning) { note('warning', warning); }],
    ['uncaughtExceptionMonitor', function ${OWN_FUNCTIONS}Exception(error) { note('uncaught exception', error); }],
  ].filter(([event]) => !isNoticed && (most === 0 || count(event) < most));
  for (const [event, ear] of ears) on.call(process, event, ear);
  return {
    __proto__: null,
    heard: () => rows,
    close: () => { for (const [event, ear] of ears) removeListener.call(process, event, ear); },
  };
})()`;
