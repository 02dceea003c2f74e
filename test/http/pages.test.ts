import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { renderGraphiQL } from '@graphql-yoga/render-graphiql';
import { JSON_TYPE, post, send, startServer, VIEWER_KEY } from './support';

const directive = (policy: unknown, name: string): string =>
  String(policy)
    .split('; ')
    .find((part) => part.startsWith(`${name} `)) ?? '';

test('GraphiQL runs its own scripts and no others, and only on its page', async () => {
  const html = renderGraphiQL({ endpoint: '/graphql' });
  let made = 0;
  const server = await startServer({
    graphiqlHtml: () => {
      made++;
      return html;
    },
  });
  expect(made).toBe(0);
  const page = await send(server, '/graphiql');
  expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
  expect(page.text).toBe(html);
  // As a browser cuts it out: from the tag to the first end tag.
  const begin = html.indexOf('<script>') + '<script>'.length;
  const script = html.slice(begin, html.indexOf('</script', begin));
  expect(script.length).toBeGreaterThan(1_000_000);
  const hash = createHash('sha256').update(script).digest('base64');
  const policy = page.headers['content-security-policy'];
  expect(directive(policy, 'script-src')).toBe(`script-src 'sha256-${hash}'`);
  expect(directive(policy, 'connect-src')).toBe("connect-src 'self'");
  expect(directive(policy, 'default-src')).toBe("default-src 'none'");
  expect((await post(server, '{}')).headers['content-security-policy']).not.toContain('sha256');

  const again = await send(server, '/graphiql', {
    headers: { 'if-none-match': String(page.headers.etag) },
  });
  expect([again.status, again.text, made]).toEqual([304, '', 1]);
});

test('/ leads to GraphiQL, or says where the API is', async () => {
  const withPage = await send(await startServer({ graphiqlHtml: () => '<p>page</p>' }), '/');
  expect([withPage.status, withPage.headers.location]).toEqual([302, '/graphiql']);
  const without = await startServer();
  const text = await send(without, '/');
  expect([text.status, text.headers['content-type']]).toEqual([200, 'text/plain; charset=utf-8']);
  expect(text.text).toContain('/graphql');
  expect((await send(without, '/graphiql')).status).toBe(404);
});

test('a browser that opens /graphql is led to GraphiQL, or told how to use it; programs are answered', async () => {
  const browser = { accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' };
  // Without a key too: a page cannot send one.
  const closed = { settings: { open: false } };
  const withPage = await startServer({ ...closed, graphiqlHtml: () => '<p>page</p>' });
  const led = await send(withPage, '/graphql', { headers: browser });
  expect([led.status, led.headers.location, led.headers.vary]).toEqual([302, '/graphiql', 'Accept']);
  const told = await send(await startServer(closed), '/graphql', { headers: browser });
  expect([told.status, told.headers['content-type']]).toEqual([200, 'text/plain; charset=utf-8']);
  expect(told.text).toMatch(/POST .*\/graphql|\/graphql\. POST/);

  const headers = { ...browser, authorization: `Bearer ${VIEWER_KEY}` };
  expect((await send(withPage, '/graphql?query=%7Ba%7D', { headers })).status).toBe(200);
  expect((await send(withPage, '/graphql?extensions=%7B%7D', { headers })).status).toBe(200);
  expect((await post(withPage, '{}', { ...headers, ...JSON_TYPE })).status).toBe(200);
  expect((await send(withPage, '/graphql', { headers: { accept: 'application/json' } })).status).toBe(401);
});

test('the dashboard is at / and cannot be left through its paths', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'dashboard-'));
  try {
    writeFileSync(join(folder, 'index.html'), '<p>dashboard</p>');
    writeFileSync(join(folder, '.secret'), 'hidden');
    const server = await startServer({ dashboardFolder: folder });
    const home = await send(server, '/');
    expect([home.status, home.text]).toEqual([200, '<p>dashboard</p>']);
    expect(directive(home.headers['content-security-policy'], 'script-src')).toBe("script-src 'self'");
    for (const path of ['/.secret', '/../../etc/passwd', '/..%2f..%2fetc%2fpasswd', '/%00', '/none']) {
      const answer = await send(server, path);
      expect([path, answer.status >= 400 && answer.status < 500]).toEqual([path, true]);
      expect(answer.code()).toMatch(/^(NOT_FOUND|BAD_REQUEST)$/);
    }
    expect((await post(server, '{}')).status).toBe(200);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
