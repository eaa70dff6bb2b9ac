import { openProxyRelay, type ProxyRelay } from '../target/proxy-relay.ts';
import { readTls, type Road } from '../target/road.ts';
import { portOf } from '../target/url.ts';
import type { CheckSettings } from './settings.ts';
import { UsageError, usageErrorOf } from './usage-error.ts';

/** The way to the target of a run, and the relay on it, if it goes through a proxy. */
export interface OpenRoad {
  readonly road: Road;
  readonly relay: ProxyRelay | undefined;
  /** What has to be said about it, loudly. */
  readonly warning: string | undefined;
}

/** @throws {@link UsageError} for a certificate or key that cannot be used, and for a proxy without a `--url`. */
export async function openRoad({ fleet, target }: CheckSettings): Promise<OpenRoad> {
  const { caFile: ca, certFile: cert, keyFile: key, isInsecure, proxy } = fleet;
  let tls: Road['tls'];
  try {
    tls = readTls({ ca, cert, key, isInsecure });
  } catch (error) {
    throw usageErrorOf(error);
  }
  const warning = isInsecure
    ? 'WARNING: the certificate of the server is NOT checked (--insecure): whoever answers is believed, and is told every token'
    : undefined;
  if (proxy === undefined) return { road: { tls, at: undefined }, relay: undefined, warning };
  const url = 'url' in target && target.url !== undefined ? new URL(target.url) : undefined;
  if (url === undefined)
    throw new UsageError('--proxy is the way to the server of --url; a command runs on this machine');
  const relay = await openProxyRelay(proxy, url.hostname.replace(/^\[|\]$/g, ''), portOf(url));
  return { road: { tls, at: { host: '127.0.0.1', port: relay.port } }, relay, warning };
}
