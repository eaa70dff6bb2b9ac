/** Where one is: kept behind the `#`, so that the server has one page. */
export type Route =
  | { readonly page: 'overview' | 'users' | 'ends' | 'alerts' }
  | {
      readonly page: 'user';
      readonly user: string;
      /** Left out: the one that is chosen. */ readonly factory?: string;
    };

export function routeOf(hash: string): Route {
  const [, page = '', user] = /^#\/([a-z]*)(?:\/(.+))?$/.exec(hash) ?? [];
  if (page === 'user' && user !== undefined) {
    const [name = '', factory] = user.split('/').map(decoded);
    return { page, user: name, ...(factory === undefined ? {} : { factory }) };
  }
  return page === 'users' || page === 'ends' || page === 'alerts' ? { page } : { page: 'overview' };
}

/** With the factory, wherever it may be another than the chosen one. */
export const hrefOfUser = (user: string, factory?: string): string =>
  `#/user/${encodeURIComponent(user)}${factory === undefined ? '' : `/${encodeURIComponent(factory)}`}`;

/** Somebody may have typed it. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
