import type { Duplex } from 'node:stream';
import { WebSocket } from 'ws';
import type { Road } from '../target/road.ts';
import { WireClient } from './client.ts';
import { type Doubts, type Place, saysNo } from './doubts.ts';
import { placed, type Identity } from './identity.ts';
import { openLine, type Line } from './line.ts';
import { offer, type Placement } from './placement.ts';
import { readRefusal, REFUSED, refusedByClose, refusedByMessage } from './refusal.ts';
import type { PlainSpeech } from './recipes/types.ts';
import { tlsOver, upstreamOf } from './upstream.ts';
import type { Attempt, Refused } from './types.ts';

/** The cookie by which tabs of one browser are known. */
const SESSION_COOKIE = 'watertight-session';

export interface AttemptSettings {
  readonly url: URL;
  readonly identity: Identity;
  /** How the server is reached; `undefined`: straight. */
  readonly road: Road | undefined;
  /** `undefined`: somebody who does not say who it is. */
  readonly user: string | undefined;
  /** Of the browser this is a tab of; `undefined`: of none. */
  readonly session: string | undefined;
  /** Addresses that it says it came by; `undefined`: it says nothing about that. */
  readonly forwardedFor: readonly string[] | undefined;
  /** Offered before those of the identity. */
  readonly protocols: readonly string[];
  /** How it talks once it has a WebSocket; without it, texts are said as they are. */
  readonly speech: PlainSpeech | undefined;
  /** From the request to the decision. */
  readonly timeoutMs: number;
  /** How long an accepted connection may leave a ping unanswered before it counts as admitted all the same. */
  readonly pongWaitMs: number;
  /** Whether a pong is believed to be an admission. */
  readonly doubts: Doubts;
  /** Admitted is who was not told no so long after its first pong, in any case. */
  readonly stayMs: number;
  /** Keep the request back until `line.release()`. */
  readonly hold: boolean;
  /** Called once when everything of this attempt was given up. */
  readonly onDispose: (attempt: Launched) => void;
  /** Called when an accepted connection answered no ping in the whole time. */
  readonly onNoPong: () => void;
}

/** An attempt under way. */
export interface Launched {
  readonly line: Line | undefined;
  readonly outcome: Promise<Attempt>;
  /** Whether a pong with this payload comes in time. */
  pong(payload: Buffer, deadlineMs: number): Promise<boolean>;
  /** Destroys everything of it; an outcome that is still open becomes a refusal. Idempotent. */
  dispose(): Promise<void>;
}

/** Starts one attempt to be admitted. Never rejects: what cannot even be sent is a refusal with `failure`. */
export async function launch(settings: AttemptSettings): Promise<Launched> {
  const { url, identity, user } = settings;
  let placement: Placement;
  try {
    placement = user === undefined ? nameless(url) : await placed(identity, url, user);
  } catch (error) {
    return refusedAtOnce(settings, error);
  }
  const upstream = upstreamOf(url, settings.road);
  const at = settings.road?.at ?? upstream;
  const line = await openLine(at.host, at.port, { hold: settings.hold });
  const wire = line.dial();
  try {
    const transport = upstream.secure === true ? tlsOver(wire, upstream) : wire;
    transport.on('error', () => undefined);
    const socket = new WebSocket(placement.url, offer(settings.protocols, placement.protocols), {
      headers: { ...withSession(placement.headers, settings.session), ...forwarded(settings.forwardedFor) },
      perMessageDeflate: false,
      // The client answers pings itself: it can also leave one unanswered.
      autoPong: false,
      createConnection: () => transport,
    });
    return new Running(settings, line, socket, transport, placement.firstMessage);
  } catch (error) {
    await line.dispose();
    return refusedAtOnce(settings, error);
  }
}

function nameless(url: URL): Placement {
  return { url, headers: {}, protocols: [], firstMessage: undefined };
}

class Running implements Launched {
  readonly line: Line;
  readonly outcome: Promise<Attempt>;
  readonly #settings: AttemptSettings;
  readonly #socket: WebSocket;
  readonly #transport: Duplex;
  readonly #client: WireClient;
  #resolve: (attempt: Attempt) => void = () => undefined;
  #timer: NodeJS.Timeout | undefined;
  readonly #place: Place;
  #error: string | undefined;
  /** When its first pong came, where it is not believed yet. */
  #stayingSinceMs: number | undefined;
  #wasOneTooMany = false;
  #decided = false;
  #disposed: Promise<void> | undefined;

  constructor(settings: AttemptSettings, line: Line, socket: WebSocket, transport: Duplex, first: string | undefined) {
    this.#settings = settings;
    this.line = line;
    this.#socket = socket;
    this.#transport = transport;
    const layers = { socket, transport, line };
    this.#client = new WireClient(settings.user ?? '', layers, settings.speech, () => void this.dispose());
    // Somebody without a name is nobody's one too many.
    this.#place = settings.doubts.enter(settings.user ?? '', () => settings.user !== undefined && this.#isThere);
    this.outcome = new Promise((resolve) => (this.#resolve = resolve));
    this.#timer = setTimeout(() => this.#onTimeout(), settings.timeoutMs);
    socket.on('error', (error) => (this.#error ??= error.message));
    socket.on('close', (code, reason) => {
      const isOneTooMany = this.#wasOneTooMany;
      this.#place.leave();
      if (this.#stayingSinceMs !== undefined && !this.#decided) {
        // Whoever leaves without a no has been served.
        if (!saysNo(code) && !isOneTooMany) return this.#admit();
        // Who was not one too many was told no for what it said, or did not say.
        if (settings.stayMs === 0) this.#place.toldNo(performance.now() - this.#stayingSinceMs);
      }
      this.#refuse(refusedByClose(code, reason.toString(), this.line.failure ?? this.#error));
    });
    socket.on('unexpected-response', (_request, response) => void readRefusal(response).then((it) => this.#refuse(it)));
    socket.once('open', () => void this.#confirm(first));
  }

  pong(payload: Buffer, deadlineMs: number): Promise<boolean> {
    return this.#client.pong(payload, deadlineMs);
  }

  dispose(): Promise<void> {
    if (this.#disposed) return this.#disposed;
    this.#place.leave();
    this.#error ??= 'given up by the drive';
    this.#socket.terminate();
    this.#transport.destroy();
    this.#disposed = this.line.dispose();
    this.#refuse({ ...REFUSED, failure: this.#error });
    this.#settings.onDispose(this);
    return this.#disposed;
  }

  /**
   * Accepting is not admitting: some servers accept and then close with a code. Whichever comes first decides, the pong or
   * the close; a close frame sent at once stands before the pong on the wire, so no waiting time has to be guessed. Whoever
   * is doubted stays a while first.
   */
  async #confirm(firstMessage: string | undefined): Promise<void> {
    const { speech, pongWaitMs } = this.#settings;
    const greeting = speech === undefined ? firstMessage : speech.greet(firstMessage);
    const refusal = greeting === undefined ? undefined : await this.#client.greet(greeting, pongWaitMs);
    if (refusal !== undefined) this.#refuse(refusedByMessage(refusal));
    else if (await this.#client.ping(pongWaitMs)) {
      this.#stayingSinceMs = performance.now();
      this.#wasOneTooMany = this.#place.isOneTooMany;
      await this.#place.mayStay(this.#settings.stayMs);
      // Of whoever the server has let go meanwhile the close is yet to be read, and decides.
      if (this.#isThere && this.#socket.readyState === WebSocket.OPEN) this.#admit();
    }
    // No pong at all: not every server answers pings, and a connection that stays open is admitted.
    else if (!this.#decided && this.#socket.readyState === WebSocket.OPEN) this.#admitWithoutPong();
  }

  get #isThere(): boolean {
    return this.#client.state === 'open' && this.#disposed === undefined;
  }

  #onTimeout(): void {
    if (this.#stayingSinceMs !== undefined && this.#socket.readyState === WebSocket.OPEN) return this.#admit();
    if (this.#socket.readyState === WebSocket.OPEN) return this.#admitWithoutPong();
    this.#error ??= this.line.failure ?? `no answer to the upgrade request within ${this.#settings.timeoutMs} ms`;
    // In the middle of a closing handshake this makes the code known that the server sent; else it is the end of waiting.
    this.#socket.terminate();
  }

  #admitWithoutPong(): void {
    this.#settings.onNoPong();
    this.#admit();
  }

  #admit(): void {
    if (this.#decide()) this.#resolve({ admitted: true, client: this.#client });
  }

  #refuse(refused: Refused): void {
    if (!this.#decide()) return;
    this.#resolve(refused);
    void this.dispose();
  }

  #decide(): boolean {
    if (this.#decided) return false;
    this.#decided = true;
    clearTimeout(this.#timer);
    return true;
  }
}

function refusedAtOnce(settings: AttemptSettings, error: unknown): Launched {
  const failure = `the request cannot be sent: ${error instanceof Error ? error.message : String(error)}`;
  const refused: Refused = { ...REFUSED, failure };
  const launched: Launched = {
    line: undefined,
    outcome: Promise.resolve(refused),
    pong: () => Promise.resolve(false),
    dispose: () => Promise.resolve(),
  };
  settings.onDispose(launched);
  return launched;
}

function forwarded(addresses: readonly string[] | undefined): Readonly<Record<string, string>> {
  if (addresses === undefined) return {};
  return {
    'x-forwarded-for': addresses.join(', '),
    forwarded: addresses.map((address) => `for=${address}`).join(', '),
  };
}

/** A browser sends its cookies with every tab; another one that says who the user is stays. */
function withSession(
  headers: Readonly<Record<string, string>>,
  session: string | undefined,
): Readonly<Record<string, string>> {
  if (session === undefined) return headers;
  const cookies = [headers['cookie'], `${SESSION_COOKIE}=${encodeURIComponent(session)}`];
  return { ...headers, cookie: cookies.filter((cookie) => cookie !== undefined).join('; ') };
}
