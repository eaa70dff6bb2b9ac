// @ts-check
/**
 * The two protocols for GraphQL over WebSocket, as a life needs them. `graphql-ws` is, confusingly, the name of the older one.
 *
 * @typedef {import('watertight').Life} Life
 * @typedef {import('watertight').LifeSocket} LifeSocket
 * @typedef {'graphql-transport-ws' | 'graphql-ws'} Protocol
 */

/**
 * @param {Life} life
 * @param {Protocol} protocol
 */
export async function openGraphql(life, protocol) {
  return greet(await life.connect({ path: '/graphql', protocols: [protocol] }), protocol);
}

/**
 * Resolves when what was sent has been handled. A server that gets a start and its stop in one piece is another story than the ones told here.
 *
 * @param {Pick<LifeSocket, 'ping'>} socket
 */
export async function handled(socket) {
  if (!(await socket.ping())) throw new Error('the server does not answer a ping');
}

/**
 * @template {Pick<LifeSocket, 'sendJson' | 'nextJson'>} Socket
 * @param {Socket} socket
 * @param {string} protocol
 */
export async function greet(socket, protocol) {
  const isLegacy = protocol === 'graphql-ws';
  socket.sendJson({ type: 'connection_init', payload: {} });
  await socket.nextJson((/** @type {{ type?: string }} */ message) => message.type === 'connection_ack');
  return {
    socket,
    /** @param {string} id @param {string} query */
    start: (id, query) => socket.sendJson({ id, type: isLegacy ? 'start' : 'subscribe', payload: { query } }),
    /** @param {string} id */
    stop: (id) => socket.sendJson({ id, type: isLegacy ? 'stop' : 'complete' }),
    /** @param {string} id */
    completed: (id) =>
      socket.nextJson(
        (/** @type {{ type?: string, id?: string }} */ message) => message.type === 'complete' && message.id === id,
      ),
  };
}
