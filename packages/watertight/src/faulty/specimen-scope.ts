/** What a finalizer is told: why, and by its signal that nobody waits any longer. */
export interface FinalizerContext {
  readonly reason: string;
  readonly signal: AbortSignal;
}

export interface Finalizer {
  readonly name: string;
  readonly registeredAt: string;
  readonly run: (context: FinalizerContext) => unknown;
}

/** Whatever owns things that have to be given back at its end. */
export abstract class SpecimenScope {
  readonly finalizers: Finalizer[] = [];

  /** From here on nothing is taken over any more. */
  abstract get ended(): boolean;

  /** Registers what has to be undone at the end; last registered, first run. What comes later is undone at once, and refused. */
  defer(run: Finalizer['run'], { name = run.name || 'anonymous' }: { readonly name?: string } = {}): void {
    if (this.ended) {
      void run({ reason: 'too late', signal: AbortSignal.abort() });
      throw new Error(`${name} came after the end`);
    }
    this.finalizers.push({ name, registeredAt: callSite(), run });
  }
}

/** Where `defer` was called: the frame above this one and above `defer`. */
function callSite(): string {
  const frame = new Error('call site').stack?.split('\n')[3] ?? '';
  return /([^/(\s]+:\d+):\d+\)?$/.exec(frame)?.[1] ?? (frame.trim() || 'unknown');
}
