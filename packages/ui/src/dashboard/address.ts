/** Where one is: kept behind the `#`, so that the server has one page. */
export type Route =
  | { readonly page: 'overview' | 'users' | 'ends' | 'alerts' }
  | { readonly page: 'user'; readonly user: string };

export function routeOf(hash: string): Route {
  const [, page = '', user] = /^#\/([a-z]*)(?:\/(.+))?$/.exec(hash) ?? [];
  if (page === 'user' && user !== undefined) return { page, user: decoded(user) };
  return page === 'users' || page === 'ends' || page === 'alerts' ? { page } : { page: 'overview' };
}

export const hrefOfUser = (user: string): string => `#/user/${encodeURIComponent(user)}`;

/** Somebody may have typed it. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
