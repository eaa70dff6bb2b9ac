/** The value of a JSON text; editors on Windows begin one with a byte order mark, which npm and Node pass over as well. */
export function parseJson(text: string): unknown {
  return JSON.parse(text.replace(/^\ufeff/, ''));
}
