import type { WebSocket } from 'ws';
import type { SpecimenConnection } from './specimen-connection.ts';
import type { SpecimenOptions } from './specimen-options.ts';

const GREETING = 'hello ';
const UNIDENTIFIED_CODE = 4_401;

/** Those that have a WebSocket and have not said whose they are: `hello <user>` is what they have a moment for. */
export class SpecimenNameless {
  readonly options: SpecimenOptions;

  constructor(options: SpecimenOptions) {
    this.options = options;
  }

  /** Who it is; `undefined` when the moment has passed, or it has left. Nothing that it sends meanwhile makes the moment longer. */
  async nameOf(connection: SpecimenConnection, ws: WebSocket): Promise<string | undefined> {
    const { raw } = connection;
    let finish: (name: string | undefined) => void = () => undefined;
    const name = new Promise<string | undefined>((resolve) => (finish = resolve));
    const timer = setTimeout(() => finish(undefined), this.options.identifyTimeoutMs);
    const onBytes = (): void => this.onBytes(timer);
    const onMessage = (data: Buffer): void => {
      this.onMessage(timer);
      const text = data.toString();
      if (text.startsWith(GREETING)) finish(text.slice(GREETING.length));
    };
    const onClose = (): void => finish(undefined);
    ws.on('error', onClose).on('message', onMessage).once('close', onClose);
    raw.on('data', onBytes);
    const said = await name;
    clearTimeout(timer);
    ws.off('message', onMessage).off('close', onClose);
    raw.off('data', onBytes);
    return said;
  }

  onBytes(_timer: NodeJS.Timeout): void {
    // Whoever sends bytes is there; that is no answer.
  }

  onMessage(_timer: NodeJS.Timeout): void {
    // Nor is any other message.
  }

  /** Nobody has to wait for the answer of somebody unknown. */
  dismiss(ws: WebSocket): void {
    ws.close(UNIDENTIFIED_CODE, 'who are you?');
    const patience = setTimeout(() => ws.terminate(), this.options.closeHandshakeMs);
    ws.once('close', () => clearTimeout(patience));
  }
}
