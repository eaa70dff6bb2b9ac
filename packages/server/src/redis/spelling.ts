import type { LeaseOwner, Notice } from '../quota/types.ts';

// How things are spelled on the server.

export function bound(limit: number): string {
  return limit === Infinity ? '-1' : String(limit);
}

export function limitFrom(text: string): number {
  return text === '-1' ? Infinity : Number(text);
}

export function listed(joined: string): readonly string[] {
  return joined === '' ? [] : joined.split(',');
}

/** A user id has no control characters, so NUL parts it from the tenant. */
export function nameOf({ user, tenant }: LeaseOwner): string {
  return tenant === '' ? `=${user}` : `=${tenant}\u0000${user}`;
}

export function ownerFrom(name: string): LeaseOwner {
  const [first = '', second] = name.slice(1).split('\u0000');
  return second === undefined ? { user: first, tenant: '' } : { user: second, tenant: first };
}

export function noticeFrom(text: string): Notice {
  const at = text.indexOf(' ');
  const kind = text.slice(0, at);
  return { kind: kind === 'renew' || kind === 'renew-all' ? kind : 'suspect', user: text.slice(at + 1) };
}

export function overridesFrom(fields: readonly string[]): { readonly user: string; readonly maxManagers: number }[] {
  const overrides = [];
  for (let at = 0; at + 1 < fields.length; at += 2)
    overrides.push({ user: ownerFrom(fields[at] ?? '').user, maxManagers: limitFrom(fields[at + 1] ?? '') });
  return overrides;
}
