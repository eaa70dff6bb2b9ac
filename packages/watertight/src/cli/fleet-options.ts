import type { OptionRow } from './option-row.ts';

const path = { is: 'text', maxBytes: 4096 } as const;

/** Options of `watertight check` for servers that others use as well: staging, production, a schedule. */
export const FLEET_OPTIONS: readonly OptionRow[] = [
  {
    flag: 'i-own-this-host',
    configKey: 'iOwnThisHost',
    kind: { is: 'flag' },
    description: 'the server of --url is not on this machine, and you may open connections to it',
  },
  {
    flag: 'rate',
    value: 'count',
    configKey: 'ratePerSecond',
    kind: { is: 'number', whole: false, min: 0.1, max: 10_000, unit: 'connections a second' },
    description: 'open no more connections than this in a second (default: 5 elsewhere, no limit on this machine)',
  },
  {
    flag: 'header',
    value: 'name: value',
    configKey: 'header',
    kind: { is: 'list' },
    description: 'a header of every handshake; repeatable; its value is in no report',
  },
  {
    flag: 'ca',
    value: 'file',
    configKey: 'ca',
    kind: path,
    description: 'also trust this certificate authority (PEM)',
  },
  {
    flag: 'cert',
    value: 'file',
    configKey: 'cert',
    kind: path,
    description: 'certificate of the clients (PEM), with --key',
  },
  { flag: 'key', value: 'file', configKey: 'key', kind: path, description: 'its private key (PEM), with --cert' },
  {
    flag: 'insecure',
    configKey: 'insecure',
    kind: { is: 'flag' },
    description: 'do not check the certificate of the server; said in every report',
  },
  {
    flag: 'proxy',
    value: 'http-url',
    configKey: 'proxy',
    kind: path,
    description: 'reach the server through this HTTP proxy (CONNECT); user and password may stand in the URL',
  },
  {
    flag: 'scheduled',
    configKey: 'scheduled',
    kind: { is: 'flag' },
    description: 'for a cron job: print one line at the end and nothing else',
  },
  {
    flag: 'push',
    value: 'http-url',
    configKey: 'push',
    kind: path,
    description: 'send the result as metrics to this Pushgateway, as job watertight unless the URL names another',
  },
];
