import { createHash } from 'node:crypto';

import type { LeaseOwner } from '../quota/types.ts';

/**
 * What shares a node of a cluster: everything that one script has to see. `user`: each user for itself · `tenant`: all users of a tenant ·
 * `fleet`: everything.
 */
export type Scope = 'user' | 'tenant' | 'fleet';

/** The keys of one user. */
export interface UserKeys {
  readonly leases: string;
  readonly closing: string;
  readonly override: string;
  readonly gone: string;
  /** The leases of its tenant and of all, where such limits are on. */
  readonly scopes: readonly string[];
  /** The same leases by when they were taken; there only after grants were lost, while it is found out who has to go. */
  readonly orders: readonly string[];
  /** Who has to go of the users of these scopes, and does not know yet. */
  readonly scopeGone: readonly string[];
}

/** How much of a hash names a user: 96 bits. */
const HASH_CHARACTERS = 16;
/** Keys of so many users are remembered: a hash costs more than the rest of a call. */
const MAX_REMEMBERED = 20_000;

/** Names of keys: user and tenant stand in them only as hashes. */
export class Keys {
  readonly scope: Scope;
  readonly nodes: string;
  readonly overrides: string;
  readonly overridesVersion: string;
  /** What a scan for leases matches. */
  readonly pattern: string;
  readonly #prefix: string;
  readonly #remembered = new Map<string, UserKeys>();

  constructor(prefix: string, scope: Scope) {
    this.#prefix = prefix;
    this.scope = scope;
    this.nodes = `${prefix}{nodes}`;
    this.overrides = `${prefix}{nodes}:overrides`;
    this.overridesVersion = `${prefix}{nodes}:version`;
    this.pattern = `${prefix.replaceAll(/[*?[\]\\]/g, String.raw`\$&`)}{*}:l*`;
  }

  of({ user, tenant }: LeaseOwner): UserKeys {
    const name = tenant === '' ? user : `${tenant}\u0000${user}`;
    const known = this.#remembered.get(name);
    if (known !== undefined) return known;
    if (this.#remembered.size >= MAX_REMEMBERED) this.#remembered.clear();
    const keys = this.#make(hash(name), tenant);
    this.#remembered.set(name, keys);
    return keys;
  }

  #make(name: string, tenant: string): UserKeys {
    if (this.scope === 'user') return named(`${this.#prefix}{${name}}:`, '', []);
    const tag = this.scope === 'fleet' ? 'fleet' : hash(`tenant ${tenant}`);
    const base = `${this.#prefix}{${tag}}:`;
    const scopes = [`${base}tenant:${hash(`tenant ${tenant}`)}`, `${base}all`];
    return named(base, name, scopes);
  }

  noticesOf(nodeId: string): string {
    return `${this.#prefix}{nodes}:notices:${nodeId}`;
  }
}

function named(base: string, name: string, scopes: readonly string[]): UserKeys {
  return {
    leases: `${base}l${name}`,
    closing: `${base}c${name}`,
    override: `${base}o${name}`,
    gone: `${base}g${name}`,
    scopes,
    orders: scopes.map((scope) => `${scope}:order`),
    scopeGone: scopes.length === 0 ? [] : [`${base}gone`],
  };
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, HASH_CHARACTERS);
}
