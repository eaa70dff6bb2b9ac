/** Called with the parameters of a notice of the target. Must not throw. */
export type InspectorListener = (params: Readonly<Record<string, unknown>>) => void;

/** A way to one isolate: the session itself, or one worker thread through it. */
export interface InspectorChannel {
  /** @throws `InsideViewError` when the target refuses, does not answer in time (default 10 000 ms), or has ended. */
  call(method: string, params?: object, timeoutMs?: number): Promise<Readonly<Record<string, unknown>>>;
  /** Listens to a notice of the target; what is returned ends the listening. */
  on(method: string, listener: InspectorListener): () => void;
  /** Until what is returned is called, somebody waits for a notice: it must not be kept back. */
  awaitNotice(): () => void;
}

/** How long a target has to answer, unless more is asked of it. */
export const CALL_TIMEOUT_MS = 10_000;

/** An answer to a call, or a notice. */
export interface InspectorMessage {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly message: string };
}
