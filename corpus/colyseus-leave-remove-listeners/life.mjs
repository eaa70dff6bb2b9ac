// @ts-check
/** Message types of Colyseus 0.10. */
const USER_ID = 1;
const JOIN_REQUEST = 9;
const JOIN_ROOM = 10;

/** MessagePack for `[9, "game", { requestId: 1 }]`: may I join? */
const MAY_I_JOIN = Buffer.concat([
  Buffer.from([0x93, JOIN_REQUEST, 0xa4]),
  Buffer.from('game'),
  Buffer.from([0x81, 0xa9]),
  Buffer.from('requestId'),
  Buffer.from([1]),
]);
/** MessagePack for `[12]`: I leave. */
const I_LEAVE = Buffer.from([0x91, 12]);

/** @satisfies {import('watertight').Recipe} */
const recipe = {
  name: 'colyseus-leave-remove-listeners',
  description: 'joins a game and leaves it with the message that is meant for it',
  // Not while it is being let in: these versions keep the timeout of a seat that nobody takes (colyseus-seat-timeout).
  endings: [
    'close-frame',
    'rst',
    'fin',
    'protocol-error',
    'abort-in-upgrade',
    'abort-after-response',
    'mid-frame',
    'oversized-frame',
  ],
  async live(life) {
    const lobby = await life.connect({ path: '/?colyseusid=' });
    const id = textAt(await lobby.next(isA(USER_ID)), 1);
    lobby.send(MAY_I_JOIN);
    const granted = await lobby.next(isA(JOIN_REQUEST));
    const roomId = textAt(granted, 2);
    const processId = textAt(granted, 3 + roomId.length);
    const room = await life.connect({ path: `/${processId}/${roomId}?colyseusid=${id}&requestId=1` });
    await room.next(isA(JOIN_ROOM));
    room.send(I_LEAVE);
    await room.closed;
    await lobby.close();
  },
};
export default recipe;

/**
 * @param {number} type
 * @returns {(message: string | Uint8Array) => boolean}
 */
function isA(type) {
  return (message) => typeof message !== 'string' && message[0] === type;
}

/**
 * A text is preceded by its length.
 *
 * @param {string | Uint8Array} message @param {number} at
 */
function textAt(message, at) {
  const bytes = Buffer.from(/** @type {Uint8Array} */ (message));
  return bytes.toString('utf8', at + 1, at + 1 + (bytes[at] ?? 0));
}
