// @ts-check
/**
 * As much of Socket.IO as a life needs, over the WebSocket transport: the ending then happens to a plain connection,
 * and no client library of four generations has to be installed.
 *
 * @typedef {import('watertight').Life} Life
 */

/**
 * Connects to a namespace.
 *
 * @param {Life} life
 * @param {{ engine: 3 | 4, namespace?: string }} options Engine.IO 3 is Socket.IO 1 and 2, Engine.IO 4 is Socket.IO 3 and 4
 */
export async function joinSocketIo(life, { engine, namespace = '/' }) {
  const socket = await life.connect({ path: `/socket.io/?EIO=${engine}&transport=websocket` });
  const prefix = namespace === '/' ? '' : `${namespace},`;
  await socket.next((message) => String(message).startsWith('0{'));
  // With Engine.IO 3 the server joins everybody to the main namespace by itself.
  if (engine === 4) socket.send(`40${prefix}`);
  await socket.next((message) => String(message).startsWith(`40${prefix}`));
  let acknowledgement = 0;
  return {
    socket,
    /** @param {string} event @param {unknown[]} values */
    emit: (event, ...values) => socket.send(`42${prefix}${JSON.stringify([event, ...values])}`),
    /**
     * Emits, and waits for the acknowledgement.
     *
     * @param {string} event @param {unknown[]} values
     */
    request: async (event, ...values) => {
      const id = (acknowledgement += 1);
      socket.send(`42${prefix}${id}${JSON.stringify([event, ...values])}`);
      const start = `43${prefix}${id}`;
      const answer = await socket.next((message) => String(message).startsWith(start));
      return JSON.parse(String(answer).slice(start.length));
    },
    /** @param {string} event */
    hear: async (event) => socket.next((message) => String(message).startsWith(`42${prefix}["${event}"`)),
    /** The polite way out: leaves the namespace, then closes. */
    leave: async () => {
      socket.send(`41${prefix}`);
      await socket.close();
    },
  };
}
