import { once } from 'node:events';
import { WebSocket } from 'ws';
import { CALL_TIMEOUT_MS, type InspectorChannel, type InspectorListener, type InspectorMessage } from './channel.ts';
import { Notices } from './notices.ts';
import { Nudge } from './nudge.ts';
import { InsideViewError } from './unavailable.ts';

const MAX_MESSAGE_BYTES = 256 * 1024 * 1024;
/** Calls are numbered from 1 on. Of all methods this does least. */
const NUDGE_ID = 0;
const NUDGE = JSON.stringify({ id: NUDGE_ID, method: 'Runtime.getIsolateId' });

interface Pending {
  readonly resolve: (result: Readonly<Record<string, unknown>>) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

/**
 * A DevTools-protocol session. All it switches on is the one notice that the target wants to end: a Node process waits for
 * its debugger to leave, so a crash would look like a server that no longer answers. The session leaves at that notice.
 */
export class InspectorSession implements InspectorChannel {
  readonly #socket: WebSocket;
  readonly #pending = new Map<number, Pending>();
  readonly #notices = new Notices();
  readonly #nudge: Nudge;
  #awaitedNotices = 0;
  #lastId = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    this.#nudge = new Nudge(
      () => socket.send(NUDGE),
      () => this.#pending.size + this.#awaitedNotices > 0 && socket.readyState === WebSocket.OPEN,
    );
    socket.on('message', (data) => this.#receive((data as Buffer).toString()));
    socket.on('error', () => undefined);
    socket.on('close', () => this.#giveUp('the inspector closed the connection; the target may have ended'));
  }

  static async connect(url: string): Promise<InspectorSession> {
    const socket = new WebSocket(url, {
      perMessageDeflate: false,
      maxPayload: MAX_MESSAGE_BYTES,
      handshakeTimeout: 2_000,
    });
    const session = new InspectorSession(socket);
    try {
      await once(socket, 'open');
    } catch (error) {
      throw new InsideViewError(`the inspector at ${url} cannot be reached`, { cause: error });
    }
    // A Node that does not know the domain keeps us as long as it did before.
    await session.call('NodeRuntime.notifyWhenWaitingForDisconnect', { enabled: true }).catch(() => undefined);
    return session;
  }

  /** @throws {@link InsideViewError} when the target refuses, does not answer in time (default 10 000 ms), or has ended. */
  call(
    method: string,
    params: object = {},
    timeoutMs: number = CALL_TIMEOUT_MS,
  ): Promise<Readonly<Record<string, unknown>>> {
    if (this.#socket.readyState !== WebSocket.OPEN) {
      return Promise.reject(new InsideViewError(`${method}: the inspector session is closed`));
    }
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#pending.delete(id);
        reject(new InsideViewError(`${method}: no answer from inside the target within ${timeoutMs} ms`));
      }, timeoutMs);
      this.#pending.set(id, { resolve, reject, timer });
      this.#nudge.stop();
      this.#socket.send(JSON.stringify({ id, method, params }));
    });
  }

  /**
   * Listens to a notice of the target, such as `HeapProfiler.addHeapSnapshotChunk`. Nothing arrives before its domain is
   * switched on. What is returned ends the listening. Notices that came before a reply are delivered before it.
   */
  on(method: string, listener: InspectorListener): () => void {
    return this.#notices.on(method, listener);
  }

  awaitNotice(): () => void {
    this.#awaitedNotices += 1;
    return () => {
      this.#awaitedNotices -= 1;
    };
  }

  /** Resolves when the connection is gone. Idempotent. */
  async close(): Promise<void> {
    if (this.#socket.readyState === WebSocket.CLOSED) return;
    const closed = once(this.#socket, 'close');
    // A closing handshake would wait for a target that may be busy or dead.
    this.#socket.terminate();
    await closed;
  }

  /** Resolves when the other side closed, or at the deadline. */
  async closedByTarget(deadlineMs: number): Promise<void> {
    if (this.#socket.readyState === WebSocket.CLOSED) return;
    const aborter = new AbortController();
    const timer = setTimeout(() => aborter.abort(), deadlineMs);
    await once(this.#socket, 'close', { signal: aborter.signal }).catch(() => undefined);
    clearTimeout(timer);
  }

  #receive(text: string): void {
    const reply = JSON.parse(text) as InspectorMessage;
    if (reply.id === NUDGE_ID) return this.#nudge.answered();
    this.#hear(reply);
    this.#nudge.heard();
  }

  #hear(reply: InspectorMessage): void {
    if (reply.method === 'NodeRuntime.waitingForDisconnect') this.#socket.terminate();
    if (reply.method !== undefined) this.#notices.tell(reply.method, reply.params);
    if (reply.id === undefined) return;
    const pending = this.#pending.get(reply.id);
    if (!pending) return;
    this.#pending.delete(reply.id);
    clearTimeout(pending.timer);
    if (reply.error) pending.reject(new InsideViewError(reply.error.message));
    else pending.resolve(reply.result ?? {});
  }

  #giveUp(why: string): void {
    this.#nudge.stop();
    for (const pending of this.#pending.values()) {
      clearTimeout(pending.timer);
      pending.reject(new InsideViewError(why));
    }
    this.#pending.clear();
  }
}
