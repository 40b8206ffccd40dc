# One image for `keelson api`, `keelson worker` and `keelson setup`. Postgres and, if wanted, Redis run beside it.
FROM node:20-slim AS build
WORKDIR /keelson
COPY . .
RUN npm ci && npm run build && npm prune --omit=dev

FROM node:20-slim
ENV NODE_ENV=production KEELSON_HOME=/var/lib/keelson
WORKDIR /keelson
RUN install -d -o node -g node -m 700 /var/lib/keelson
COPY --from=build /keelson ./
USER node
VOLUME /var/lib/keelson
EXPOSE 2271
ENTRYPOINT ["node", "--enable-source-maps", "apps/cli/bin/keelson.mjs"]
CMD ["api"]
