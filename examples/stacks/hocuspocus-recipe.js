// @ts-check

/** Types of messages: https://github.com/ueberdosis/hocuspocus, `packages/server/src/types.ts`. */
const AUTH = 2;
const STATELESS = 5;
const DOCUMENT = 'notes';
const OPEN = message(AUTH, Buffer.from([0]), text('token'));

/** @param {string} of its length in front, seven bits a byte */
function text(of) {
  const bytes = Buffer.from(of);
  const length = [];
  let left = bytes.length;
  for (; left > 127; left >>>= 7) length.push((left & 127) | 128);
  return Buffer.concat([Buffer.from([...length, left]), bytes]);
}

/** @param {number} type @param {Buffer[]} parts */
function message(type, ...parts) {
  return Buffer.concat([text(DOCUMENT), Buffer.from([type]), ...parts]);
}

/** @param {string | Uint8Array} frame */
const isWelcome = (frame) => Buffer.from(frame).includes('read-write');

/** What clients of Hocuspocus say: they open a document and say something about it.
 * @type {import('watertight').Recipe} */
export default {
  name: 'hocuspocus',
  speech: {
    greet: () => OPEN.toString(),
    isWelcome,
    say: (said) => message(STATELESS, text(said)),
  },
  async live(life) {
    const socket = await life.connect();
    socket.send(OPEN);
    await socket.next(isWelcome);
    socket.send(message(STATELESS, text('hello')));
    await socket.ping();
  },
};
