import { TokenCommand } from './user-token.ts';
import { placeUser, type Place, type Placement, type TemplateParts } from './placement.ts';

/** The longest user id, in UTF-8 bytes. */
export const MAX_USER_ID_BYTES = 256;
const DEFAULT_TEMPLATE = 'test-user-{n}';
const PLACES: readonly Place[] = ['query', 'header', 'cookie', 'protocol', 'message'];
/** Ids are checked at the largest number a run uses. */
const LARGEST_INDEX = 999_999;
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const RESERVED_HEADERS = /^(connection|upgrade|host|cookie|content-length|transfer-encoding|sec-websocket-.*)$/i;

/** A user template that cannot be used; the message names the value. */
export class IdentityError extends Error {
  override readonly name = 'IdentityError';
}

/** Who the clients say they are, and where in the handshake they say it. */
export interface Identity {
  readonly place: Place;
  /** The user id for an index. */
  userId(index: number): string;
  /** Where this user goes in a handshake; `token` stands for `{token}` in the template. */
  applyTo(url: URL, user: string, token?: string): Placement;
  /** Tokens that were handed out so far: no report shows them. */
  readonly tokens?: () => Promise<readonly string[]>;
  /** Asks for the user's token; absent when the template has none. */
  readonly tokenOf?: (user: string) => Promise<string>;
}

/** This user's handshake, with a token if the template asks for one. Rejects when there is no token to be had. */
export async function placed(identity: Identity, url: URL, user: string): Promise<Placement> {
  return identity.applyTo(url, user, await identity.tokenOf?.(user));
}

/** The same users, each with further headers in its handshake. What the identity says itself stays; cookies are put together. */
export function withHeaders(identity: Identity, headers: Readonly<Record<string, string>>): Identity {
  if (Object.keys(headers).length === 0) return identity;
  return {
    ...identity,
    applyTo: (url, user, token) => {
      const placement = identity.applyTo(url, user, token);
      const cookies = [headers['cookie'], placement.headers['cookie']].filter((cookie) => cookie !== undefined);
      const cookie = cookies.length === 0 ? {} : { cookie: cookies.join('; ') };
      return { ...placement, headers: { ...headers, ...placement.headers, ...cookie } };
    },
  };
}

/**
 * Parses a user template such as `test-user-{n}` (query parameter `user`), `query:uid=u{n}`, `header:x-user=u{n}`,
 * `cookie:session=u{n}`, `protocol:user.u{n}` or `message:{"type":"hello","user":"u{n}"}`. `{n}` stands for the number. `{token}`, as in `header:authorization=Bearer {token}`,
 * stands for what `userCommand` prints for a user; those users are `test-user-{n}`. `signal` ends commands under way.
 *
 * @throws {@link IdentityError} for an unknown place, a missing `{n}`, or an id that is empty, longer than 256 UTF-8 bytes,
 * or has control characters or lone surrogates.
 */
export function parseIdentity(spec: string = DEFAULT_TEMPLATE, userCommand?: string, signal?: AbortSignal): Identity {
  const { place, rest } = splitPlace(spec);
  const parts =
    place === 'message' ? splitMessage(rest) : place === 'protocol' ? splitProtocol(rest) : splitNamed(place, rest);
  const tokens = tokensFor(spec, userCommand, signal);
  checkUserId(parts.template.replaceAll('{n}', String(LARGEST_INDEX)));
  if (!parts.template.includes('{n}')) {
    throw new IdentityError(
      `user template ${quote(spec)} has no {n}: the drive needs several users, such as ${quote(DEFAULT_TEMPLATE)}`,
    );
  }
  return {
    place,
    userId: (index) => parts.template.replaceAll('{n}', String(index)),
    applyTo: (url, user, token = '') => placeUser(place, parts, url, user, token),
    ...(tokens === undefined
      ? {}
      : { tokenOf: async (user: string) => await tokens.tokenOf(user), tokens: async () => await tokens.all() }),
  };
}

function tokensFor(
  spec: string,
  userCommand: string | undefined,
  signal: AbortSignal | undefined,
): TokenCommand | undefined {
  const hasToken = spec.includes('{token}');
  if (hasToken && userCommand === undefined)
    throw new IdentityError(`user template ${quote(spec)} has {token}, and no --user-command says what prints it`);
  if (!hasToken && userCommand !== undefined)
    throw new IdentityError(
      `user template ${quote(spec)} has no {token} for what --user-command prints, such as ${quote('header:authorization=Bearer {token}')}`,
    );
  return userCommand === undefined ? undefined : new TokenCommand(userCommand, { signal });
}

/** A place that holds a token holds no id beside it: who the user is, only the command is told. */
function withToken(spec: string, pattern: string): Pick<TemplateParts, 'template' | 'pattern'> {
  if (!pattern.includes('{token}')) return { template: pattern };
  if (pattern.includes('{n}'))
    throw new IdentityError(
      `user template ${quote(spec)} has {n} beside {token}: the token says who it is, and the command learns it from WATERTIGHT_USER`,
    );
  return { template: DEFAULT_TEMPLATE, pattern };
}

/** @throws {@link IdentityError} when no server could be asked to accept this id. */
function checkUserId(id: string): void {
  const bytes = Buffer.byteLength(id);
  if (id === '') throw new IdentityError('user id "" is empty');
  if (bytes > MAX_USER_ID_BYTES) {
    throw new IdentityError(
      `user id ${quote(id)} is ${bytes} bytes long; at most ${MAX_USER_ID_BYTES} bytes of UTF-8 are allowed`,
    );
  }
  if (/[\u0000-\u001f\u007f-\u009f]/.test(id)) throw new IdentityError(`user id ${quote(id)} has control characters`);
  if (/\p{Surrogate}/u.test(id))
    throw new IdentityError(`user id ${quote(id)} is not valid Unicode: it has a lone surrogate`);
}

function splitPlace(spec: string): { place: Place; rest: string } {
  const colon = spec.indexOf(':');
  if (colon === -1) return { place: 'query', rest: spec };
  const word = spec.slice(0, colon);
  const place = PLACES.find((known) => known === word);
  if (!place) {
    throw new IdentityError(
      `user template ${quote(spec)}: ${quote(word)} is no place for a user; known are ${PLACES.join(', ')} (an id with a colon: ${quote('query:user=a:{n}')})`,
    );
  }
  return { place, rest: spec.slice(colon + 1) };
}

function splitNamed(place: Place, rest: string): TemplateParts {
  const equals = rest.indexOf('=');
  const name = equals === -1 ? 'user' : rest.slice(0, equals);
  const template = equals === -1 ? rest : rest.slice(equals + 1);
  if (name === '' || (place !== 'query' && !TOKEN.test(name))) {
    throw new IdentityError(`user template ${quote(`${place}:${rest}`)}: ${quote(name)} is no name for a ${place}`);
  }
  if (place === 'header' && RESERVED_HEADERS.test(name)) {
    throw new IdentityError(
      `user template ${quote(`${place}:${rest}`)}: the header ${quote(name)} belongs to the handshake`,
    );
  }
  return { name, before: '', after: '', inJson: false, ...withToken(`${place}:${rest}`, template) };
}

/** `chat,user.u{n}`: other subprotocols may stand beside; what stands before the first dot is fixed. */
function splitProtocol(rest: string): TemplateParts {
  const offers = rest.split(',').map((offer) => offer.trim());
  const mine = offers.find((offer) => /\{(n|token)\}/.test(offer)) ?? offers.at(-1) ?? '';
  const dot = mine.indexOf('.');
  const others = offers.filter((offer) => offer !== mine);
  for (const other of others) {
    if (!TOKEN.test(other))
      throw new IdentityError(`user template ${quote(`protocol:${rest}`)}: ${quote(other)} is no subprotocol`);
  }
  return {
    name: others.join(','),
    before: mine.slice(0, dot + 1),
    after: '',
    inJson: false,
    ...withToken(`protocol:${rest}`, mine.slice(dot + 1)),
  };
}

/** The id is the run of characters around `{n}` up to the next quotation mark or white space. */
function splitMessage(rest: string): TemplateParts {
  const match = /[^"\s]*\{n\}[^"\s]*/.exec(rest);
  if (!match && rest.includes('{token}'))
    return {
      name: '',
      before: '',
      after: '',
      inJson: /"[^"]*\{token\}[^"]*"/.test(rest),
      ...withToken(`message:${rest}`, rest),
    };
  if (!match)
    throw new IdentityError(`user template ${quote(`message:${rest}`)} has no {n}: the message must name the user`);
  const before = rest.slice(0, match.index);
  const after = rest.slice(match.index + match[0].length);
  return { name: '', template: match[0], before, after, inJson: before.endsWith('"') && after.startsWith('"') };
}

function quote(value: string): string {
  const shown = JSON.stringify(value.slice(0, 48));
  return value.length > 48 ? `${shown}…` : shown;
}
