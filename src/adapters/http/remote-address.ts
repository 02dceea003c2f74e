import type { IncomingMessage } from 'node:http';
import { isIPv6 } from 'node:net';
import { bareAddress, isLoopback } from '../../formats/network-address';

/** The caller's IP address: the peer's, or what the outermost of our own proxies saw. */
export function remoteAddress(request: IncomingMessage, trustedProxies: number): string {
  const peer = bareAddress(request.socket.remoteAddress ?? 'unknown');
  if (trustedProxies === 0) return peer;
  // Each proxy appends whom it saw; those further left are the caller's own words.
  const hops = [...forwarded(request), peer];
  return bareAddress(hops.at(-1 - trustedProxies) ?? hops[0] ?? peer);
}

/** The address is of this machine, and nothing says that somebody else is behind it. */
export function isLocal(request: IncomingMessage, trustedProxies: number): boolean {
  if (trustedProxies === 0 && wasForwarded(request)) return false;
  return isLoopback(remoteAddress(request, trustedProxies));
}

export const wasForwarded = ({ headers }: IncomingMessage): boolean =>
  headers['x-forwarded-for'] !== undefined || headers.forwarded !== undefined || headers.via !== undefined;

/** Who is limited as one: an IPv6 caller owns all addresses of its /64. */
export function limitKey(address: string): string {
  if (!isIPv6(address)) return address;
  const [head = '', tail] = address.split('%')[0]!.toLowerCase().split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros =
    tail === undefined ? [] : Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0');
  return [...left, ...zeros, ...right].slice(0, 4).join(':');
}

function forwarded({ headers }: IncomingMessage): string[] {
  const value = headers['x-forwarded-for'];
  const text = Array.isArray(value) ? value.join(',') : (value ?? '');
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}
