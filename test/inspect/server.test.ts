import { request } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type PageServer, servePage } from '../../src/inspect/server.ts';

const PAGE = '<!doctype html><title>the page</title>';
let server: PageServer;
let port: number;

beforeAll(async () => {
  const serving = await servePage(PAGE);
  if (serving._tag === 'Left') throw new Error(serving.left);
  server = serving.right;
  port = Number(new URL(server.url).port);
});
afterAll(() => server.close());

interface Answer {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

/** Asks for exactly this path, with exactly these headers: no client puts it right first. */
const ask = (path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, path, method, headers }, (answer) => {
      let body = '';
      answer.setEncoding('utf8');
      answer.on('data', (part: string) => {
        body += part;
      });
      answer.on('end', () => resolve({ status: answer.statusCode, headers: answer.headers, body }));
    });
    asked.on('error', reject);
    asked.end();
  });

test('the page is served, and is not kept or framed by anybody', async () => {
  const answer = await ask('/');
  expect(answer).toMatchObject({ status: 200, body: PAGE });
  expect(answer.headers).toMatchObject({
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'cross-origin-resource-policy': 'same-origin',
  });
  expect(answer.headers).not.toHaveProperty('access-control-allow-origin');
});

test.each(['localhost', '127.0.0.1', 'LOCALHOST'])('%s is this server', async (name) => {
  const origin = `http://${name.toLowerCase()}:${port}`;
  expect(await ask('/', { host: `${name}:${port}`, origin })).toMatchObject({ status: 200 });
});

test.each([
  '/../package.json',
  '/..%2f..%2fetc/passwd',
  '/%2e%2e/%2e%2e/package.json',
  '//etc/passwd',
  '/..\\..\\package.json',
  '/index.html',
  '/?a=1',
  '/.',
  'http://example.org/',
  '*',
])('path %s is refused', async (path) => {
  const answer = await ask(path);
  expect(answer.status).toBe(404);
  expect(answer.body).not.toContain('title');
});

test.each([
  'example.org',
  'example.org:80',
  '127.0.0.1',
  '127.0.0.1.example.org',
  '[::1]:1',
  'a b',
])('host "%s" is refused: a foreign name that points here', async (host) => {
  const answer = await ask('/', { host });
  expect([400, 421]).toContain(answer.status);
  expect(answer.body).not.toContain('title');
});

test.each([
  [{ origin: 'http://example.org' }],
  [{ origin: 'null' }],
  [{ origin: 'https://127.0.0.1' }],
  [{ 'sec-fetch-site': 'cross-site' }],
  [{ 'sec-fetch-site': 'same-site' }],
])('%j is another origin: refused', async (headers) => {
  expect(await ask('/', headers)).toMatchObject({ status: 403 });
});

test.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'])('%s is refused', async (method) => {
  expect(await ask('/', {}, method)).toMatchObject({ status: 405 });
});

test('HEAD tells the length and sends nothing', async () => {
  const answer = await ask('/', {}, 'HEAD');
  expect(answer).toMatchObject({ status: 200, body: '' });
  expect(answer.headers['content-length']).toBe(String(PAGE.length));
});

test('only loopback is listened on', () => {
  expect(server.url).toBe(`http://127.0.0.1:${port}/`);
});

test('what is no HTTP gets an error and the server goes on', async () => {
  const text = await new Promise<string>((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.end('\u0000\u0001 nonsense\r\n\r\n'));
    let all = '';
    socket.on('data', (part) => {
      all += String(part);
    });
    socket.on('close', () => resolve(all));
    socket.on('error', () => resolve(all));
  });
  expect(text).toContain('400');
  expect(await ask('/')).toMatchObject({ status: 200 });
});

test('a port that is taken is an error in words', async () => {
  const second = await servePage(PAGE, port);
  expect(second).toMatchObject({ _tag: 'Left' });
  if (second._tag === 'Left') expect(second.left).toContain(`port ${port}`);
});
