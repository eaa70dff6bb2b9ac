// Alone in its file: every command reads its arguments, few open a target.

export interface InspectorAddress {
  readonly host: string;
  readonly port: number;
}

/** Reads `9229`, `127.0.0.1:9229`, `[::1]:9229` or `name:9229`; `undefined` when it is none of them. */
export function parseInspectorAddress(given: string): InspectorAddress | undefined {
  const [, host, digits] = /^(?:(\[[0-9a-f:.]+\]|[a-z0-9._-]+):)?(\d{1,5})$/i.exec(given) ?? [];
  const port = Number(digits);
  if (digits === undefined || port < 1 || port > 65_535) return undefined;
  return { host: host?.replace(/^\[|\]$/g, '') ?? '127.0.0.1', port };
}
