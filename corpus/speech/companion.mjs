// @ts-check
import { WebSocket } from 'ws';

/**
 * A connection that lives as long as the check, straight to the server: for leaks that need no disconnect.
 *
 * @param {URL} url
 * @param {string[]} [protocols]
 */
export async function openCompanion(url, protocols = []) {
  const socket = new WebSocket(url, protocols, { perMessageDeflate: false });
  /** @type {((message: any) => void) | undefined} */
  let hear;
  socket.on('message', (/** @type {Buffer} */ data) => hear?.(JSON.parse(data.toString())));
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  socket.on('error', () => undefined);
  return {
    protocol: socket.protocol,
    /** @param {unknown} value */
    sendJson: (value) => socket.send(JSON.stringify(value)),
    /**
     * The next message that fits; the others are dropped. One may wait at a time.
     *
     * @template T
     * @param {(message: T) => boolean} [fits]
     * @returns {Promise<T>}
     */
    nextJson: (fits = () => true) =>
      new Promise((resolve) => {
        hear = (message) => {
          if (!fits(message)) return;
          hear = undefined;
          resolve(message);
        };
      }),
    end: () => socket.terminate(),
  };
}
