// @ts-check

/**
 * What a client may say:
 *
 * @typedef {{ type: 'join', room: string } | { type: 'leave', room: string } | { type: 'say', room: string, text: string }} ClientMessage
 */

const MAX_ROOM_CHARACTERS = 64;
const MAX_TEXT_CHARACTERS = 4000;

/**
 * Reads one message; anything that is none is `undefined`.
 *
 * @param {string} text
 * @returns {ClientMessage | undefined}
 */
export function readMessage(text) {
  const { type, room, text: said } = readObject(text);
  if (!isText(room, MAX_ROOM_CHARACTERS)) return undefined;
  if (type === 'join' || type === 'leave') return { type, room };
  if (type === 'say' && isText(said, MAX_TEXT_CHARACTERS)) return { type, room, text: said };
  return undefined;
}

/**
 * @param {string} text
 * @returns {Record<string, unknown>}
 */
function readObject(text) {
  try {
    /** @type {unknown} */
    const value = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

/**
 * @param {unknown} value
 * @param {number} maxCharacters
 * @returns {value is string}
 */
function isText(value, maxCharacters) {
  return typeof value === 'string' && value !== '' && value.length <= maxCharacters;
}
