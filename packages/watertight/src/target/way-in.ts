import { connect } from 'node:tls';
import type { Probe } from './probe.ts';

const TLS_WITHIN_MS = 1_000;
/** What OpenSSL says of a certificate that nobody here trusts. */
const UNTRUSTED =
  /^(DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_(VERIFY_LEAF_SIGNATURE|GET_ISSUER_CERT(_LOCALLY)?)|CERT_HAS_EXPIRED|CERT_NOT_YET_VALID|ERR_TLS_CERT_ALTNAME_INVALID)$/;

/** What would help who was answered like this, as a sentence with a blank before it; `''` where nothing is known to. */
export async function wayIn(url: URL, probe: Probe): Promise<string> {
  if (probe.kind === 'unreachable' && UNTRUSTED.test(probe.code))
    return '. Its certificate is not trusted here: --ca <file> names who signed it, --insecure does not look';
  // Whoever waits for a TLS hello does not understand the question, and says so in one of these ways.
  const mayBeTls = probe.kind === 'not-http' || (probe.kind === 'unreachable' && probe.code !== 'ECONNREFUSED');
  if (url.protocol === 'ws:' && mayBeTls && (await speaksTls(url)))
    return `. It speaks TLS: give --url ${secure(url)} while it runs, with --ca <file> or --insecure where its certificate is not trusted`;
  return '';
}

function secure(url: URL): string {
  const named = new URL(url);
  named.protocol = 'wss:';
  return named.href;
}

function speaksTls({ hostname, port }: URL): Promise<boolean> {
  return new Promise((resolve) => {
    const host = hostname.replace(/^\[|\]$/g, '');
    // Nothing is said to it: who it is does not matter.
    const socket = connect({ host, port: Number(port) || 80, rejectUnauthorized: false, timeout: TLS_WITHIN_MS });
    const settle = (isTls: boolean): void => {
      resolve(isTls);
      socket.destroy();
    };
    socket.once('secureConnect', () => settle(true));
    socket.once('timeout', () => settle(false));
    socket.once('error', () => settle(false));
  });
}
