import { isIPv4 } from 'node:net';

/** Whether the host of a URL is this machine by its very name; no name is looked up, so that nobody's answer decides it. */
export function isLoopbackName(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '').toLowerCase();
  return (
    host === 'localhost' || host.endsWith('.localhost') || host === '::1' || (isIPv4(host) && host.startsWith('127.'))
  );
}
