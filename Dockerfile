# The server and the workers of SimFaaSInfer. Needs DATABASE_URL: the embedded database is not in this image.
#
#   docker build -t simfaasinfer .
#   docker run -e DATABASE_URL=… -p 127.0.0.1:4000:4000 simfaasinfer                                  the server
#   docker run -e DATABASE_URL=… simfaasinfer node dist/cli.js worker                                 a worker
#   docker run -e DATABASE_URL=… simfaasinfer node dist/cli.js keys create --role admin --name me     the first key
#
# docs/operations.md has all settings; docker-compose.yml starts everything at once.

FROM node:22-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY . .
# Generates the database client, then compiles.
RUN npm run build

FROM node:22-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# The optional packages are the embedded PostgreSQL.
RUN npm ci --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund

FROM node:22-slim
ENV NODE_ENV=production HOST=0.0.0.0
WORKDIR /app
COPY package.json LICENSE NOTICE ./
COPY data data
COPY examples examples
COPY prisma/migrations prisma/migrations
COPY --from=packages /app/node_modules node_modules
COPY --from=build /app/dist dist
USER node
EXPOSE 4000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + (process.env.PORT || 4000) + '/healthz').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# A nursery large enough for the rows of many requests at once: a quarter less CPU time under load (docs/operations.md).
CMD ["node", "--max-semi-space-size=64", "dist/cli.js", "serve"]
