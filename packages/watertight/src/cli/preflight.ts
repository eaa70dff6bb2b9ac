import type { LifeDrive } from '../drive/recipes/types.ts';
import type { Attempt, Drive } from '../drive/types.ts';
import { sayRefusal } from '../scenarios/shared/refusal.ts';
import type { Target, TargetFailure } from '../target/types.ts';

/** Two users no scenario uses. */
const PROBE_INDEXES = [999_998, 999_999];
const CLOSING_MS = 1_000;

/** Is anybody let in at all? Answers why not, so that no scenario convicts a server of what is a wrong URL or a missing login. */
export async function preflight(target: Target, drive: Drive): Promise<TargetFailure | undefined> {
  let attempt: Attempt | undefined;
  for (const index of PROBE_INDEXES) {
    attempt = await drive.connect(drive.userId(index));
    if (!attempt.admitted) continue;
    await attempt.client.end('close-frame');
    await attempt.client.gone(CLOSING_MS);
    attempt.client.dispose();
    return undefined;
  }
  if (attempt === undefined || attempt.admitted) return undefined;
  return { ...describeRefusal(target, attempt), output: target.output() };
}

/** Whether anybody who follows the recipe is served, and why not. They come together, as each may be waited for. */
export async function whoIsServed(
  lives: LifeDrive,
  drive: Drive,
): Promise<
  { readonly madeCount: number } & ({ readonly is: 'served' } | { readonly is: 'not served'; readonly why: string })
> {
  try {
    const ending = lives.recipe.endings?.[0] ?? 'close-frame';
    const reports = await Promise.all(
      PROBE_INDEXES.map((index) => lives.live({ user: drive.userId(index), ending, patienceMs: CLOSING_MS })),
    );
    const { madeCount } = lives;
    if (reports.some(({ served }) => served)) return { is: 'served', madeCount };
    const [first] = reports;
    return { is: 'not served', why: first?.failure ?? sayRefusal(first?.refused), madeCount };
  } finally {
    await lives.dispose();
  }
}

/** Whoever only connects is let in, and nobody who follows the recipe is served: no scenario convicts a server of that. */
export function speaksAnotherProtocol(target: Target, recipe: string, why: string): TargetFailure {
  return {
    kind: 'unreachable',
    message: `${target.url.href} does not speak ${recipe}: it lets clients in, and of those that follow the recipe ${PROBE_INDEXES.length} of ${PROBE_INDEXES.length} were not served: ${why}. Does it need another --recipe, path or --user?`,
    output: target.output(),
  };
}

function describeRefusal(target: Target, refused: Exclude<Attempt, { admitted: true }>): TargetFailure {
  const { httpStatus, message } = refused;
  const hint = 'Does it need a login, another path, or another --user?';
  if (message === undefined && httpStatus !== undefined && ![401, 403, 429, 503].includes(httpStatus)) {
    return {
      kind: 'not-websocket',
      message: `${target.url.href} does not speak WebSocket: it answered the upgrade with HTTP ${httpStatus} instead of 101`,
    };
  }
  return {
    kind: 'unreachable',
    message: `${target.url.href} refused every client, users ${PROBE_INDEXES.length} of ${PROBE_INDEXES.length}: ${sayRefusal(refused)}. ${hint}`,
  };
}
