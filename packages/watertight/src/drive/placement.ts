/** Where in the handshake the user is named. */
export type Place = 'query' | 'header' | 'cookie' | 'protocol' | 'message';

/** One user's handshake. */
export interface Placement {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly protocols: readonly string[];
  /** Sent as the first frame. */
  readonly firstMessage: string | undefined;
}

/** A user template taken apart. */
export interface TemplateParts {
  /** Of the parameter, header or cookie; for a subprotocol the others that stand beside it. */
  readonly name: string;
  /** The user id, with `{n}` for the number. */
  readonly template: string;
  readonly before: string;
  readonly after: string;
  /** What is put there in place of the id alone, with `{token}` for what the token command prints. */
  readonly pattern?: string;
  /** The id stands in a JSON string and has to be escaped. */
  readonly inJson: boolean;
}

/** `token` is what stands for `{token}`; `''` for a template without one. */
export function placeUser(place: Place, parts: TemplateParts, url: URL, user: string, token: string): Placement {
  const named = parts.pattern?.replaceAll('{token}', () => token) ?? user;
  const placement = { url: new URL(url), headers: {}, protocols: [], firstMessage: undefined };
  switch (place) {
    case 'query':
      placement.url.searchParams.set(parts.name, named);
      return placement;
    case 'header':
      return { ...placement, headers: { [parts.name]: visibleAscii(named) } };
    case 'cookie':
      return { ...placement, headers: { cookie: `${parts.name}=${encodeURIComponent(named)}` } };
    case 'protocol': {
      const others = parts.name === '' ? [] : parts.name.split(',');
      return { ...placement, protocols: [...others, parts.before + asToken(named)] };
    }
    case 'message': {
      const escaped = (text: string): string => (parts.inJson ? JSON.stringify(text).slice(1, -1) : text);
      const after = parts.after.replaceAll('{n}', () => escaped(numberIn(user, parts.template)));
      const pattern = parts.pattern ?? `${parts.before}${escaped(user)}${after}`;
      return { ...placement, firstMessage: pattern.replaceAll('{token}', () => escaped(token)) };
    }
  }
}

/** What a handshake offers, each once: a client library refuses to offer one twice, and so does a server to be offered it. */
export function offer(...lists: readonly (readonly string[])[]): string[] {
  return [...new Set(lists.flat())];
}

/** What stands for `{n}` in this user's id. */
function numberIn(user: string, template: string): string {
  const [before = '', after = ''] = template.split('{n}');
  return user.startsWith(before) && user.endsWith(after) ? user.slice(before.length, user.length - after.length) : user;
}

/** A header cannot carry other characters; what it cannot carry is percent-encoded as UTF-8. */
function visibleAscii(user: string): string {
  refuseControls(user);
  return /^[\x20-\x7e]*$/.test(user) ? user : encodeURIComponent(user);
}

function asToken(user: string): string {
  refuseControls(user);
  return encodeURIComponent(user).replace(/[()]/g, (character) => `%${character.charCodeAt(0).toString(16)}`);
}

/** Ids have none: this comes from a command that printed more than the token. */
function refuseControls(text: string): void {
  if (/[\u0000-\u001f\u007f]/.test(text))
    throw new Error(
      'a header cannot carry control characters: a token command prints the token, in one line, and nothing else',
    );
}
