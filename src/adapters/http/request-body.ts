import express, { type ErrorRequestHandler, type RequestHandler } from 'express';
import { HttpError } from './http-error';

/** Lets GET and POST of JSON through, parsed; `maxBytes` is of the body after decompression. */
export function parseBody(maxBytes: number): (RequestHandler | ErrorRequestHandler)[] {
  const parse = express.json({ limit: maxBytes, type: () => true });
  return [requireJson, parse, explain(maxBytes)];
}

/** Only such bodies make a browser ask the server before another site's page may send them. */
const requireJson: RequestHandler = (request, _response, next) => {
  if (request.method !== 'POST') return next();
  const type = request.headers['content-type'] ?? '';
  if (/^application\/(json|graphql\+json)\s*(;|$)/i.test(type)) return next();
  throw new HttpError(
    415,
    'UNSUPPORTED_MEDIA_TYPE',
    `the body is ${type === '' ? 'of no type' : JSON.stringify(type.slice(0, 60))}; send JSON with Content-Type: application/json`,
  );
};

/** body-parser's errors in our words. */
function explain(maxBytes: number): ErrorRequestHandler {
  return (error: { type?: string; message?: string }, _request, _response, next) => {
    switch (error.type) {
      case 'entity.too.large':
        return next(
          new HttpError(
            413,
            'BODY_TOO_LARGE',
            `the body is larger than ${maxBytes} bytes; send less at a time`,
            {
              maxBytes,
            },
          ),
        );
      case 'entity.parse.failed':
        return next(new HttpError(400, 'BAD_JSON', `the body is not valid JSON: ${error.message ?? ''}`));
      case 'encoding.unsupported':
        return next(
          new HttpError(
            415,
            'UNSUPPORTED_ENCODING',
            'this Content-Encoding is not known; send the body plain, or with gzip, deflate or br',
          ),
        );
      case 'charset.unsupported':
        return next(new HttpError(415, 'UNSUPPORTED_CHARSET', 'this charset is not known; send UTF-8'));
      case 'request.aborted':
      case 'request.size.invalid':
        return next(new HttpError(400, 'INCOMPLETE_BODY', 'the body ended before the length it announced'));
      default:
        // Compressed data that are none come as plain errors of zlib.
        return next(
          isZlibError(error)
            ? new HttpError(400, 'BAD_ENCODING', 'the body is not what its Content-Encoding says')
            : error,
        );
    }
  };
}

const isZlibError = (error: { code?: unknown; type?: string }): boolean =>
  typeof error.code === 'string' && /^(Z_|ERR_(_)?(ZLIB|BROTLI)|ERR__ERROR)/.test(error.code);
