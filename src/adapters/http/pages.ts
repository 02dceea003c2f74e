import { createHash } from 'node:crypto';
import express, { type RequestHandler } from 'express';
import { inlinePagePolicy, PAGE_POLICY } from './security-headers';

/** A page in one HTML text, made when it is first asked for: GraphiQL's is 9 MB. */
export function servePage(makeHtml: () => string): RequestHandler {
  let page: { html: Buffer; policy: string; etag: string } | null = null;
  return (_request, response) => {
    if (page === null) {
      const html = makeHtml();
      const etag = `"${createHash('sha256').update(html).digest('base64url')}"`;
      page = { html: Buffer.from(html), policy: inlinePagePolicy(html), etag };
    }
    response
      .set({ 'Content-Security-Policy': page.policy, ETag: page.etag, 'Cache-Control': 'no-cache' })
      .type('html')
      .send(page.html);
  };
}

/** The dashboard's files. */
export function serveFolder(folder: string): RequestHandler {
  return express.static(folder, {
    index: 'index.html',
    redirect: false,
    setHeaders: (response) => response.setHeader('Content-Security-Policy', PAGE_POLICY),
  });
}

/** A person who opens the API's address in a browser is led on; programs and queries pass. */
export const leadBrowsers = (graphiqlPath: string | null, graphqlPath: string): RequestHandler => {
  const lead = serveHome(graphiqlPath, graphqlPath);
  return (request, response, next) => {
    const { method, query, headers } = request;
    const asks = query.query !== undefined || query.extensions !== undefined;
    if (method !== 'GET' || asks || !/\btext\/html\b/.test(headers.accept ?? '')) return next();
    response.set({ Vary: 'Accept', 'Cache-Control': 'no-cache' });
    return lead(request, response, next);
  };
};

/** What stands at `/` while there is no dashboard. */
export const serveHome = (graphiqlPath: string | null, graphqlPath: string): RequestHandler =>
  graphiqlPath === null
    ? (_request, response) => {
        response
          .type('text/plain')
          .send(
            `SimFaaSInfer: the GraphQL API is at ${graphqlPath}. POST it queries with Content-Type: application/json,\n` +
              'e.g. {"query": "{ viewer { role } }"}, and your key as "Authorization: Bearer <API key>".\n',
          );
      }
    : (_request, response) => response.redirect(302, graphiqlPath);
