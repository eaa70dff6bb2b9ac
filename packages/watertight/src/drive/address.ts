import type { Road } from '../target/road.ts';
import type { Upstream } from './strand.ts';

/** Host and port a URL leads to. */
export function upstreamOf(url: URL, road?: Road): Upstream {
  const secure = url.protocol === 'wss:' || url.protocol === 'https:';
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? (secure ? 443 : 80) : Number(url.port),
    secure,
    ...(road === undefined ? {} : { road }),
  };
}
