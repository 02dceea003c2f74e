/** The paths that have a meaning; all others count as one in the metrics, whose series are to stay few. */
export const ROUTES = {
  home: '/',
  graphql: '/graphql',
  graphqlStream: '/graphql/stream',
  graphiql: '/graphiql',
  alive: '/healthz',
  ready: '/readyz',
  metrics: '/metrics',
} as const;

const PATHS: readonly string[] = Object.values(ROUTES);

export const routeOf = (path: string): string => {
  const bare = path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
  return PATHS.includes(bare) ? bare : 'other';
};

/** Asked for every few seconds by machines: their log lines are for debugging. */
export const isProbe = (path: string): boolean =>
  path === ROUTES.alive || path === ROUTES.ready || path === ROUTES.metrics;
