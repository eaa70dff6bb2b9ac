import { once } from 'node:events';
import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { WebSocket } from 'ws';

/** What the chat says, as far as the tests look at it. */
interface ChatMessage {
  readonly type: string;
  readonly room?: string;
  readonly user?: string;
  readonly users?: readonly string[];
  readonly text?: string;
  readonly message?: string;
}

/** A client that keeps what it was told until it is asked for. */
export class ChatClient {
  readonly socket: WebSocket;
  pingCount = 0;
  readonly #received: ChatMessage[] = [];

  private constructor(url: string, options: { readonly autoPong?: boolean }) {
    this.socket = new WebSocket(url, options);
    this.socket.on('error', () => undefined);
    this.socket.on('ping', () => {
      this.pingCount += 1;
    });
    this.socket.on('message', (data: Buffer) => {
      this.#received.push(JSON.parse(data.toString()) as ChatMessage);
    });
  }

  static async connect(url: string, options: { readonly autoPong?: boolean } = {}): Promise<ChatClient> {
    const client = new ChatClient(url, options);
    await once(client.socket, 'open');
    return client;
  }

  /** The HTTP status an upgrade is refused with. */
  static async refusal(url: string): Promise<number | undefined> {
    const socket = new WebSocket(url);
    const [request, response] = (await once(socket, 'unexpected-response')) as [ClientRequest, IncomingMessage];
    request.destroy();
    return response.statusCode;
  }

  /** The TCP socket underneath, to end it in ways a WebSocket client does not. */
  get raw(): Socket {
    const { _socket: raw } = this.socket as unknown as { readonly _socket: Socket };
    return raw;
  }

  say(message: object): void {
    this.socket.send(JSON.stringify(message));
  }

  /** Whether anything like this was heard since it was last asked for; takes it and what came before it. */
  async hears(wanted: Partial<ChatMessage>): Promise<ChatMessage> {
    for (;;) {
      const message = this.#received.shift();
      if (message === undefined) await once(this.socket, 'message', { signal: AbortSignal.timeout(5000) });
      else if (matches(message, wanted)) return message;
    }
  }

  /** Everything heard and not asked for yet. */
  get unheard(): readonly ChatMessage[] {
    return this.#received;
  }

  /** Ends the TCP connection without a close frame. */
  drop(how: 'fin' | 'rst'): void {
    if (how === 'rst') this.raw.resetAndDestroy();
    else this.raw.end();
  }
}

function matches(message: ChatMessage, wanted: Partial<ChatMessage>): boolean {
  return Object.entries(wanted).every(
    ([key, value]) => JSON.stringify(message[key as keyof ChatMessage]) === JSON.stringify(value),
  );
}
