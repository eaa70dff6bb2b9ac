import { NOTHING_OVER_WIRE } from '../drive/life-run.ts';
import type { LifeDrive, LifeReport } from '../drive/recipes/types.ts';
import type { Attempt, Client, Drive } from '../drive/types.ts';
import { sayRefusal } from '../scenarios/shared/refusal.ts';
import type { Target, TargetFailure } from '../target/types.ts';

/** Two users no scenario uses. */
const PROBE_INDEXES = [999_998, 999_999] as const;
const CLOSING_MS = 1_000;
/** More of what a server says with its refusal is not told. */
const MAX_WORDS_CHARACTERS = 120;
/** So long whoever was let in may still be told no: many servers accept, look up who it is, and close then. */
const STAY_MS = 500;

/** Who the first clients are, beside those who only connect. */
interface Followers {
  /** The name of what they say. */
  readonly recipe: string;
  /** Where a recipe was asked for. */
  readonly openLives: (() => Promise<LifeDrive>) | undefined;
  /** Whether any scenario follows it. */
  readonly isFollowed: boolean;
  readonly signal: AbortSignal;
}

/** What became of the first clients. */
export interface Preflight {
  /** Why nobody can be examined, so that no scenario convicts a server of what is a wrong URL or a missing login. */
  readonly refusal: TargetFailure | undefined;
  /** Whoever only connects is turned away, and whoever says what the recipe says is served. */
  readonly isForRecipeAlone: boolean;
  /** By those who follow the recipe; not those of the drive. */
  readonly livesSocketCount: number;
}

/** Is anybody let in at all, and served? */
export async function preflight(
  target: Target,
  drive: Drive,
  { recipe, openLives, isFollowed, signal }: Followers,
): Promise<Preflight> {
  const turnedAway = signal.aborted ? undefined : await whyTurnedAway(target, drive);
  // Whoever only connects may be turned away by a server that serves those who say what they have to say.
  const isAsked = (isFollowed || turnedAway !== undefined) && !signal.aborted;
  // A recipe whose setup fails says so in the scenarios.
  const lives = isAsked ? await openLives?.().catch(() => undefined) : undefined;
  const served = lives === undefined ? undefined : await whoIsServed(lives, drive);
  const isForRecipeAlone = turnedAway !== undefined && served?.is === 'served';
  const misunderstood = served?.is === 'not served' ? speaksAnotherProtocol(target, recipe, served.why) : undefined;
  return {
    refusal: isForRecipeAlone ? undefined : (turnedAway ?? misunderstood),
    isForRecipeAlone,
    livesSocketCount: served?.madeCount ?? 0,
  };
}

/** Why nobody who only connects is let in, or why they are shown out again; `undefined` where somebody stays. */
async function whyTurnedAway(target: Target, drive: Drive): Promise<TargetFailure | undefined> {
  const [first, second] = PROBE_INDEXES;
  const attempt = await drive.connect(drive.userId(first), { stayMs: STAY_MS });
  if (attempt.admitted) return await leave(attempt.client);
  const other = await drive.connect(drive.userId(second));
  if (!other.admitted) return { ...describeRefusal(target, other), output: target.output() };
  // Who is closed for saying nothing was let in; who is closed for who it is stays no longer for a word.
  other.client.send('watertight');
  if ((await other.client.gone(STAY_MS)) === undefined) return await leave(other.client);
  other.client.dispose();
  return { ...describeRefusal(target, attempt), output: target.output() };
}

async function leave(client: Client): Promise<undefined> {
  await client.end('close-frame');
  await client.gone(CLOSING_MS);
  client.dispose();
}

/** Whether anybody who follows the recipe is served, and why not. They come together, as each may be waited for. */
async function whoIsServed(
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
    // Whoever goes past the wire is ended by nobody, and all that it leaves behind would be the server's.
    const isPastWire = ({ note }: LifeReport): boolean => note === NOTHING_OVER_WIRE;
    if (reports.every(isPastWire)) return { is: 'not served', why: NOTHING_OVER_WIRE, madeCount };
    if (reports.some(({ served }) => served)) return { is: 'served', madeCount };
    const [first] = reports;
    return { is: 'not served', why: first?.failure ?? sayRefusal(first?.refused), madeCount };
  } finally {
    await lives.dispose();
  }
}

/** Whoever only connects is let in, and nobody who follows the recipe is served: no scenario convicts a server of that. */
function speaksAnotherProtocol(target: Target, recipe: string, why: string): TargetFailure {
  return {
    kind: 'unreachable',
    message: `${target.url.href} does not speak ${recipe}: it lets clients in, and of those that follow the recipe ${PROBE_INDEXES.length} of ${PROBE_INDEXES.length} were not served: ${why}. Does it need another --recipe, path or --user?`,
    output: target.output(),
  };
}

function describeRefusal(target: Target, refused: Exclude<Attempt, { admitted: true }>): TargetFailure {
  const { httpStatus, message, body } = refused;
  const hint = 'Does it need a login, another path, or another --user?';
  if (message === undefined && httpStatus !== undefined && ![401, 403, 429, 503].includes(httpStatus)) {
    return {
      kind: 'not-websocket',
      message: `${target.url.href} does not speak WebSocket: it answered the upgrade with HTTP ${httpStatus} instead of 101${wordsOf(body)}. Is it at another path, or does it want a subprotocol or a header (--user protocol:…, --header)?`,
    };
  }
  return {
    kind: 'unreachable',
    message: `${target.url.href} refused every client, users ${PROBE_INDEXES.length} of ${PROBE_INDEXES.length}: ${sayRefusal(refused)}${message === undefined ? wordsOf(body) : ''}. ${hint}`,
  };
}

/** What a server says in the body of its refusal, where that is a line of text or JSON, and no page. */
function wordsOf(body: unknown): string {
  const text = typeof body === 'string' ? body.trim() : body === undefined ? '' : JSON.stringify(body);
  return text === '' || /[\n<]/.test(text) ? '' : ` (${JSON.stringify(text.slice(0, MAX_WORDS_CHARACTERS))})`;
}
