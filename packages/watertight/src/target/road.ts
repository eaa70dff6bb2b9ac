import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { createSecureContext, rootCertificates, type ConnectionOptions } from 'node:tls';

/** How a server is reached: whom TLS trusts, who we are, and by which detour. */
export interface Road {
  readonly tls: TlsRoad;
  /** Where connections are made instead of host and port of the URL: a relay of ours that goes through a proxy. */
  readonly at: { readonly host: string; readonly port: number } | undefined;
}

/** Options of `node:tls`, none unless asked for. */
export interface TlsRoad {
  readonly ca?: readonly string[];
  readonly cert?: string;
  readonly key?: string;
  readonly rejectUnauthorized?: false;
}

/** For `node:tls` and `node:https`, which want lists of their own. */
export function asTlsOptions(
  road: Road | undefined,
): Pick<ConnectionOptions, 'ca' | 'cert' | 'key' | 'rejectUnauthorized'> {
  const { ca, ...others } = road?.tls ?? {};
  return { ...others, ...(ca === undefined ? {} : { ca: [...ca] }) };
}

/**
 * Reads certificates and key. An authority is trusted beside those that Node trusts.
 *
 * @throws Error naming the option and the file.
 */
export function readTls(files: {
  readonly ca: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
  readonly isInsecure: boolean;
}): TlsRoad {
  const ca = readPem('ca', files.ca, 'CERTIFICATE');
  const cert = readPem('cert', files.cert, 'CERTIFICATE');
  const key = readPem('key', files.key, 'PRIVATE KEY');
  if (ca !== undefined) tryPem(`--ca: ${files.ca}`, () => new X509Certificate(ca));
  if (cert !== undefined && key !== undefined)
    tryPem(`--cert and --key: ${files.cert} and ${files.key}`, () => {
      createSecureContext({ cert, key });
      if (!new X509Certificate(cert).checkPrivateKey(createPrivateKey(key)))
        throw new Error('the key is not that of the certificate');
    });
  return {
    ...(ca === undefined ? {} : { ca: [...rootCertificates, ca] }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(files.isInsecure ? { rejectUnauthorized: false } : {}),
  };
}

/** What is refused only when a connection is made would look like a server that cannot be reached. */
function tryPem(what: string, use: () => unknown): void {
  try {
    use();
  } catch (error) {
    throw new Error(`${what} cannot be used: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

function readPem(option: string, file: string | undefined, what: string): string | undefined {
  if (file === undefined) return undefined;
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new Error(`--${option}: ${file} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`, {
      cause: error,
    });
  }
  if (!text.includes(`${what}-----`)) throw new Error(`--${option}: ${file} holds no ${what} in PEM form`);
  return text;
}

/** What `node:http` and `node:https` need to go that road; the URL goes on saying who is meant. */
export function asRequestOptions(
  url: URL,
  road: Road | undefined,
): ReturnType<typeof asTlsOptions> & {
  readonly hostname?: string;
  readonly port?: number;
  readonly servername?: string;
  readonly setHost?: boolean;
} {
  const at = road?.at;
  if (at === undefined) return asTlsOptions(road);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  return {
    ...asTlsOptions(road),
    hostname: at.host,
    port: at.port,
    ...(isIP(host) === 0 ? { servername: host } : {}),
    setHost: false,
  };
}
