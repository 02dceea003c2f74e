import { isIP, isIPv6 } from 'node:net';

/** An IP address without the brackets of a URL and without IPv6's wrapping of IPv4. */
export function bareAddress(text: string): string {
  const bare = text.replace(/^\[(.*)\]$/, '$1');
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(bare)?.[1] ?? bare;
}

/** Whether only programs of this machine can use the address. */
export function isLoopback(host: string): boolean {
  const bare = bareAddress(host).toLowerCase();
  return bare === 'localhost' || bare === '::1' || (isIP(bare) === 4 && bare.startsWith('127.'));
}

/** Host and port of a URL; an IPv6 address in brackets. */
export const hostAndPort = (host: string, port: number): string =>
  `${isIPv6(host) ? `[${host}]` : host}:${port}`;
