import { CALL_TIMEOUT_MS, type InspectorChannel, type InspectorListener, type InspectorMessage } from './channel.ts';
import { Notices } from './notices.ts';
import { InsideViewError } from './unavailable.ts';

/** A worker thread of the target. */
export interface WorkerThread {
  /** As Node numbers it. */
  readonly workerId: string;
  /** What it runs, such as `file:///srv/worker.mjs`. */
  readonly url: string;
  readonly channel: InspectorChannel;
  hasEnded(): boolean;
  /** Lets go of this one. */
  leave(): Promise<void>;
}

interface AttachedToWorker {
  readonly sessionId: string;
  readonly workerInfo: { readonly workerId: string; readonly url: string };
}

/** Attaches to the worker threads that run now, and to each that starts later; `detach` lets go of all and meets no more. */
export async function attachToWorkers(
  channel: InspectorChannel,
  onThread: (thread: WorkerThread) => void,
): Promise<{ detach(): Promise<void> }> {
  const end = channel.on('NodeWorker.attachedToWorker', (params) => {
    const { sessionId, workerInfo } = params as unknown as AttachedToWorker;
    const worker = new WorkerChannel(channel, sessionId);
    const leave = async (): Promise<void> => {
      // It may have ended by itself meanwhile.
      await channel.call('NodeWorker.detach', { sessionId }).catch(() => undefined);
    };
    onThread({ ...workerInfo, channel: worker, hasEnded: () => worker.isGone, leave });
  });
  // Those that run are told before the reply.
  await channel.call('NodeWorker.enable', { waitForDebuggerOnStart: false });
  return {
    detach: async () => {
      end();
      await channel.call('NodeWorker.disable').catch(() => undefined);
    },
  };
}

/** Messages to and from one worker travel as text inside messages of the session. */
class WorkerChannel implements InspectorChannel {
  readonly #channel: InspectorChannel;
  readonly #sessionId: string;
  readonly #pending = new Map<number, (message: InspectorMessage) => void>();
  readonly #notices = new Notices();
  #isGone = false;
  #lastId = 0;

  constructor(channel: InspectorChannel, sessionId: string) {
    this.#channel = channel;
    this.#sessionId = sessionId;
    channel.on('NodeWorker.receivedMessageFromWorker', (params) => {
      if (params['sessionId'] === sessionId) this.#receive(JSON.parse(String(params['message'])) as InspectorMessage);
    });
    channel.on('NodeWorker.detachedFromWorker', (params) => {
      if (params['sessionId'] !== sessionId) return;
      this.#isGone = true;
      for (const answer of this.#pending.values()) answer({ error: { message: 'the worker has ended' } });
    });
  }

  get isGone(): boolean {
    return this.#isGone;
  }

  async call(
    method: string,
    params: object = {},
    timeoutMs: number = CALL_TIMEOUT_MS,
  ): Promise<Readonly<Record<string, unknown>>> {
    if (this.#isGone) throw new InsideViewError(`${method}: the worker has ended`);
    this.#lastId += 1;
    const id = this.#lastId;
    const answer = this.#answerTo(id, method, timeoutMs);
    const arrived = this.awaitNotice();
    try {
      const message = JSON.stringify({ id, method, params });
      await this.#channel.call('NodeWorker.sendMessageToWorker', { message, sessionId: this.#sessionId }, timeoutMs);
      return await answer.promise;
    } finally {
      arrived();
      answer.settle();
    }
  }

  on(method: string, listener: InspectorListener): () => void {
    return this.#notices.on(method, listener);
  }

  /** To the session a word of a worker is a notice. */
  awaitNotice(): () => void {
    return this.#channel.awaitNotice();
  }

  #answerTo(
    id: number,
    method: string,
    timeoutMs: number,
  ): { readonly promise: Promise<Readonly<Record<string, unknown>>>; settle(): void } {
    let timer: NodeJS.Timeout | undefined;
    const promise = new Promise<Readonly<Record<string, unknown>>>((resolve, reject) => {
      timer = setTimeout(() => {
        reject(new InsideViewError(`${method}: no answer from a worker of the target within ${timeoutMs} ms`));
      }, timeoutMs);
      this.#pending.set(id, ({ error, result }) => {
        if (error) reject(new InsideViewError(error.message));
        else resolve(result ?? {});
      });
    });
    // Sending may fail first, and then nobody waits for the answer.
    promise.catch(() => undefined);
    return {
      promise,
      settle: () => {
        clearTimeout(timer);
        this.#pending.delete(id);
      },
    };
  }

  #receive(message: InspectorMessage): void {
    if (message.id !== undefined) this.#pending.get(message.id)?.(message);
    if (message.method !== undefined) this.#notices.tell(message.method, message.params);
  }
}
