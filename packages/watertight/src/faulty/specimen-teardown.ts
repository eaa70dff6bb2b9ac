import type { NamedFinalizer } from '@watertight/server';
import type { SpecimenConnection } from './specimen-connection.ts';
import { nowMs } from './specimen-options.ts';
import type { SpecimenScope } from './specimen-scope.ts';

/** What the finalizers of one manager came to. */
export interface FinalizerOutcome {
  readonly run: number;
  readonly failed: readonly NamedFinalizer[];
  readonly overdue: readonly NamedFinalizer[];
}

/** Waits for `work`, at most `ms`; true when it was done in time. A rejection counts as done. */
export async function within(work: Promise<unknown>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), Math.max(0, ms));
  });
  const done = work.then(
    () => true,
    () => true,
  );
  const inTime = await Promise.race([done, late]);
  clearTimeout(timer);
  return inTime;
}

/** Close frame, then the end of the socket whether the peer answers or not. */
export async function closeConnection(
  connection: SpecimenConnection,
  code: number,
  reason: string,
  handshakeMs: number,
): Promise<void> {
  if (connection.endReason === undefined && connection.sayGoodbye(code, reason)) {
    if (await within(connection.gone, handshakeMs)) return;
  }
  connection.letGo();
  await connection.gone;
}

/** Starts every finalizer, last registered first, each holding the next back for a moment only. */
export async function runFinalizers(
  scope: SpecimenScope,
  reason: string,
  patientUntilMs: number,
  holdMs: number,
): Promise<FinalizerOutcome> {
  const controller = new AbortController();
  const context = { reason, signal: controller.signal };
  const failed: NamedFinalizer[] = [];
  const open = new Map<Promise<void>, NamedFinalizer>();
  let run = 0;
  for (let next = scope.finalizers.pop(); next !== undefined; next = scope.finalizers.pop()) {
    const named: NamedFinalizer = { name: next.name, registeredAt: next.registeredAt };
    const finalizer = next;
    const work: Promise<void> = (async () => {
      await finalizer.run(context);
    })().then(
      () => void open.delete(work),
      (error: unknown) => {
        open.delete(work);
        failed.push({ ...named, error: error instanceof Error ? error.message : String(error) });
      },
    );
    open.set(work, named);
    run += 1;
    await within(work, Math.min(holdMs, patientUntilMs - nowMs()));
  }
  if (!(await within(Promise.all(open.keys()), patientUntilMs - nowMs()))) controller.abort();
  return { run, failed, overdue: [...open.values()] };
}
