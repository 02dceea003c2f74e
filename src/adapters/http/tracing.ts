import { context, propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { RequestHandler } from 'express';
import { requestIdOf } from './request-id';
import { routeOf } from './routes';

/**
 * A span for each request, named after its route. Costs nothing until an OpenTelemetry SDK is loaded; where that has
 * made a span for the request already, that one gets the name.
 */
export const traceRequests: RequestHandler = (request, response, next) => {
  const route = routeOf(request.path);
  const name = `${request.method} ${route}`;
  const attributes = { 'http.route': route, 'simfaasinfer.request_id': requestIdOf(request) };
  const existing = trace.getActiveSpan();
  if (existing !== undefined) {
    existing.updateName(name).setAttributes(attributes);
    return next();
  }
  const parent = propagation.extract(context.active(), request.headers);
  const options = {
    kind: SpanKind.SERVER,
    attributes: { ...attributes, 'http.request.method': request.method },
  };
  const span = trace.getTracer('simfaasinfer').startSpan(name, options, parent);
  response.once('close', () => {
    span.setAttribute('http.response.status_code', response.statusCode);
    if (response.statusCode >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
    span.end();
  });
  context.with(trace.setSpan(parent, span), next);
};
