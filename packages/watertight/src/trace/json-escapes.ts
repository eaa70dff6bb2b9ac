/** What the escapes of one letter stand for in JSON. */
export const SIMPLE_ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

/** The same by byte; 0 where no escape begins. */
export const SIMPLE_ESCAPE_BYTES = Uint8Array.from(
  { length: 256 },
  (_, byte) => SIMPLE_ESCAPES[String.fromCharCode(byte)]?.charCodeAt(0) ?? 0,
);
