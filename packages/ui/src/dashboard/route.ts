import { useEffect, useState } from 'preact/hooks';

import { type Route, routeOf } from './address.ts';

/** Follows the part of the address behind the `#`. */
export function useRoute(): Route {
  const [route, setRoute] = useState(() => routeOf(location.hash));
  useEffect(() => {
    const follow = (): void => setRoute(routeOf(location.hash));
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, []);
  return route;
}
