// PostGraphile on a database, as its documentation sets it up. Runs in .data/bench-tools, where bench/lib/postgraphile.mjs installs it.
const { createServer } = require('node:http');
const { postgraphile } = require('postgraphile');
const { PostGraphileAmberPreset } = require('postgraphile/presets/amber');
const { makePgService } = require('postgraphile/adaptors/pg');
const { grafserv } = require('postgraphile/grafserv/node');
const { makeJSONPgSmartTagsPlugin } = require('postgraphile/utils');

// The best candidate of a run is a relation that the database does not declare.
const tags = makeJSONPgSmartTagsPlugin({
  version: 1,
  config: {
    class: {
      plan_runs: {
        tags: {
          foreignKey: '(id, best_config_id) references candidates (run_id, config_id)|@fieldName best',
        },
      },
    },
  },
});

const preset = {
  extends: [PostGraphileAmberPreset],
  plugins: [tags],
  pgServices: [makePgService({ connectionString: process.env.DATABASE_URL, poolConfig: { max: 10 } })],
  // Filters and orders by any column, as this API has them; by default it offers only columns that lead an index.
  schema: { defaultBehavior: '+list' },
  disablePlugins: ['PgIndexBehaviorsPlugin'],
  grafast: { explain: false },
  grafserv: { graphiql: false },
};

async function main() {
  const server = createServer();
  const instance = postgraphile(preset).createServ(grafserv);
  await instance.addTo(server);
  server.listen(0, '127.0.0.1', () => {
    process.stdout.write(`${JSON.stringify({ url: `http://127.0.0.1:${server.address().port}` })}\n`);
  });
}
process.on('SIGTERM', () => process.exit(0));
main().catch((error) => {
  process.stderr.write(`${error.stack}\n`);
  process.exit(1);
});
