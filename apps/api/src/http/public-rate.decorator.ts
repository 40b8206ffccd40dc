import { RouteConfig } from '@nestjs/platform-fastify';

/** Limits how often one address may call the route: `PUBLIC_RATE_LIMIT` per `PUBLIC_RATE_WINDOW_MINUTES`. */
export const PublicRate = () => RouteConfig({ rateLimit: {} });

/** For pages that ask every second how an order goes on. */
export const StatusRate = () => RouteConfig({ rateLimit: { max: 120, timeWindow: 60_000 } });
