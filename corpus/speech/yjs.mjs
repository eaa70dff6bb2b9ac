// @ts-check
/** The messages of Yjs that a life needs, written byte by byte (lib0 encoding): no document has to be kept on this side. */

/** @param {number} value */
function varUint(value) {
  const bytes = [];
  let rest = value;
  while (rest > 127) {
    bytes.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  return Buffer.from([...bytes, rest]);
}

/** @param {Uint8Array} bytes */
function varBytes(bytes) {
  return Buffer.concat([varUint(bytes.length), bytes]);
}

/** @param {string} text */
export function varString(text) {
  return varBytes(Buffer.from(text));
}

/** "What do you have?", asked by an empty document. */
export function syncStep1() {
  return Buffer.from([0, 1, 0]);
}

/**
 * "Here is an edit": one insertion at the beginning of the text `t`.
 *
 * @param {number} clientId @param {string} text
 */
export function textUpdate(clientId, text) {
  const update = Buffer.concat([
    Buffer.from([1, 1]), // structs of one client, one struct
    varUint(clientId),
    Buffer.from([0, 4, 1]), // its clock; a string; its parent is named
    varString('t'),
    varString(text),
    Buffer.from([0]), // nothing was deleted
  ]);
  return Buffer.concat([Buffer.from([2]), varBytes(update)]);
}

/**
 * "This is where my cursor is."
 *
 * @param {number} clientId @param {number} clock @param {unknown} state
 */
export function awarenessUpdate(clientId, clock, state) {
  return varBytes(
    Buffer.concat([Buffer.from([1]), varUint(clientId), varUint(clock), varString(JSON.stringify(state))]),
  );
}
