import { createHash } from 'node:crypto';
import type { RequestHandler } from 'express';
import helmet from 'helmet';

/** For answers that are no pages: a browser that shows one all the same loads and runs nothing. */
export const secureHeaders: RequestHandler = helmet({
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'none'"],
      frameAncestors: ["'none'"],
      baseUri: ["'none'"],
      formAction: ["'none'"],
    },
  },
  // TLS ends at a proxy in front, which knows whether the whole host has it.
  strictTransportSecurity: false,
  xFrameOptions: { action: 'deny' },
});

/** For pages made of files of this server. */
export const PAGE_POLICY = policy({ 'script-src': "'self'" });

/** For one page with everything inside: its own scripts run, by their hash, and no others. */
export const inlinePagePolicy = (html: string): string =>
  policy({ 'script-src': inlineScripts(html).map(hashSource).join(' '), 'worker-src': 'blob:' });

function policy(directives: Readonly<Record<string, string>>): string {
  const all = {
    'default-src': "'none'",
    'connect-src': "'self'",
    // Editors and charts set styles from their scripts.
    'style-src': "'self' 'unsafe-inline'",
    'img-src': "'self' data:",
    'font-src': "'self' data:",
    ...directives,
    'base-uri': "'none'",
    'form-action': "'none'",
    'frame-ancestors': "'none'",
  };
  return Object.entries(all)
    .map(([name, sources]) => `${name} ${sources}`)
    .join('; ');
}

const inlineScripts = (html: string): string[] =>
  [...html.matchAll(/<script>([\s\S]*?)<\/script>/g)].map(([, script = '']) => script);

const hashSource = (script: string): string =>
  `'sha256-${createHash('sha256').update(script).digest('base64')}'`;
