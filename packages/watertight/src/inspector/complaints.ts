import { PROVOKED_WARNING, type Complaint } from '../verdict/complaint.ts';
import type { InspectorChannel } from './channel.ts';
import { callOn, evaluateHandle, OWN_FUNCTIONS, OWN_SCRIPTS } from './evaluate.ts';
import { makeEars } from './in-target/ears.ts';

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

/** In a realm of their own: whatever the target did to its own Array or Object, nothing of that is met. */
const EARS = `(function watertightEars() {
  const { createContext, runInContext } = process.getBuiltinModule('node:vm');
  const { on, removeListener, listeners, listenerCount, getMaxListeners } = process.getBuiltinModule('node:events').EventEmitter.prototype;
  const { isProxy } = process.getBuiltinModule('node:util').types;
  const make = runInContext(${JSON.stringify(`(${String(makeEars)})`)}, createContext({ __proto__: null }, { name: '${OWN_SCRIPTS}ears' }), { filename: '${OWN_SCRIPTS}ears' });
  return make({ __proto__: null, process, isProxy, on, removeListener, listeners, listenerCount, getMaxListeners }, '${OWN_FUNCTIONS}', ${JSON.stringify(PROVOKED_WARNING)});
})()`;
