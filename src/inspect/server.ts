/**
 * Serves one page, to this machine alone. It answers `GET /` and nothing
 * else: no file is ever looked up by a name that came from outside. Names of
 * other hosts (DNS rebinding) and requests that other sites cause are refused
 * before anything is looked at.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Either, left, right } from 'fp-ts/lib/Either.js';

const LOOPBACK = '127.0.0.1';

/** Bytes of a request's head; beyond that it is refused. */
const MAX_HEADER_BYTES = 16 * 1024;

const HEADERS: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
};

interface Refusal {
  readonly status: number;
  readonly why: string;
}

/** Why a request is not answered; null: it is. */
const refusalOf = (request: IncomingMessage, port: number): Refusal | null => {
  const hosts = [`${LOOPBACK}:${port}`, `localhost:${port}`];
  const { host, origin, 'sec-fetch-site': site } = request.headers;
  if (host === undefined || !hosts.includes(host.toLowerCase()))
    return { status: 421, why: 'this server answers for 127.0.0.1 and localhost only' };
  if (origin !== undefined && !hosts.some((h) => origin === `http://${h}`))
    return { status: 403, why: 'requests of other origins are refused' };
  if (site !== undefined && site !== 'same-origin' && site !== 'none')
    return { status: 403, why: 'requests that other sites cause are refused' };
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return { status: 405, why: 'there is nothing to be changed here' };
  if (request.url !== '/') return { status: 404, why: 'there is one page here: /' };
  return null;
};

const answer = (response: ServerResponse, status: number, type: string, body: string): void => {
  response.writeHead(status, {
    ...HEADERS,
    'content-type': `${type}; charset=utf-8`,
    'content-length': Buffer.byteLength(body),
  });
  response.end(response.req.method === 'HEAD' ? undefined : body);
};

export interface PageServer {
  readonly url: string;
  readonly close: () => Promise<void>;
}

const portOf = (server: Server): number => (server.address() as AddressInfo).port;

/** Listens on a loopback port; 0: any that is free. Left: the port cannot be had. */
export const servePage = (page: string, port = 0): Promise<Either<string, PageServer>> =>
  new Promise((resolve) => {
    const server = createServer({ maxHeaderSize: MAX_HEADER_BYTES }, (request, response) => {
      const refusal = refusalOf(request, portOf(server));
      if (refusal === null) answer(response, 200, 'text/html', page);
      else answer(response, refusal.status, 'text/plain', `${refusal.why}\n`);
    });
    server.once('error', (e) => resolve(left(`cannot listen on port ${port}: ${e.message}`)));
    server.listen(port, LOOPBACK, () =>
      resolve(
        right({
          url: `http://${LOOPBACK}:${portOf(server)}/`,
          close: () =>
            new Promise((closed) => {
              server.close(() => closed());
              server.closeAllConnections();
            }),
        }),
      ),
    );
  });
