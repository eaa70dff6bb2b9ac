import type { LifeDrive } from '../drive/recipes/types.ts';
import type { Attempt, Drive } from '../drive/types.ts';
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

/** Whether clients that follow the recipe are served, where those that only connect are not. */
export async function servesTheRecipe(lives: LifeDrive, drive: Drive): Promise<boolean> {
  try {
    const user = drive.userId(PROBE_INDEXES[0] ?? 0);
    const ending = lives.recipe.endings?.[0] ?? 'close-frame';
    return (await lives.live({ user, ending, patienceMs: CLOSING_MS })).served;
  } finally {
    await lives.dispose();
  }
}

function describeRefusal(target: Target, refused: Exclude<Attempt, { admitted: true }>): TargetFailure {
  const { httpStatus, closeCode, message, failure } = refused;
  const hint = 'Does it need a login, another path, or another --user?';
  if (message === undefined && httpStatus !== undefined && ![401, 403, 429, 503].includes(httpStatus)) {
    return {
      kind: 'not-websocket',
      message: `${target.url.href} does not speak WebSocket: it answered the upgrade with HTTP ${httpStatus} instead of 101`,
    };
  }
  const answer =
    message !== undefined
      ? JSON.stringify(message)
      : httpStatus !== undefined
        ? `HTTP ${httpStatus}`
        : closeCode !== undefined
          ? `close code ${closeCode}${refused.closeReason ? ` (${refused.closeReason})` : ''}`
          : (failure ?? 'no answer');
  return {
    kind: 'unreachable',
    message: `${target.url.href} refused every client, users ${PROBE_INDEXES.length} of ${PROBE_INDEXES.length}: ${answer}. ${hint}`,
  };
}
