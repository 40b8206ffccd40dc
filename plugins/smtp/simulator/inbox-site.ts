import type { FastifyInstance, FastifyReply } from 'fastify';
import { listPage, messagePage } from './inbox-pages.js';
import type { Inbox } from './inbox.js';

const pagePolicy =
  "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'; base-uri 'none'; form-action 'none'";
/** The HTML of a message comes from strangers: no script, no form, no request to anywhere. */
const mailPolicy = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:";

/**
 * The web inbox: `/` and `/mail/:id` for people; `/messages` (`?to=` one address), `/messages/:id` and `DELETE /messages`
 * for programs.
 */
export function addInboxRoutes(app: FastifyInstance, inbox: Inbox): void {
  app.get('/', async (_request, reply) => html(reply, listPage(inbox.list()), pagePolicy));

  app.get<{ Params: { id: string } }>('/mail/:id', async ({ params }, reply) => {
    const message = inbox.find(params.id);
    return message === undefined
      ? reply.code(404).send('no such message')
      : html(reply, messagePage(message), pagePolicy);
  });

  app.get<{ Params: { id: string } }>('/mail/:id/html', async ({ params }, reply) => {
    const content = inbox.find(params.id)?.html;
    return content === undefined ? reply.code(404).send('no such message') : html(reply, content, mailPolicy);
  });

  app.get<{ Querystring: { to?: string } }>('/messages', async ({ query }) => inbox.list(query.to));

  app.get<{ Params: { id: string } }>('/messages/:id', async ({ params }, reply) => {
    return inbox.find(params.id) ?? reply.code(404).send({ error: 'no such message' });
  });

  app.delete('/messages', async (_request, reply) => {
    inbox.clear();
    return reply.code(204).send();
  });
}

function html(reply: FastifyReply, content: string, policy: string): FastifyReply {
  return reply
    .type('text/html; charset=utf-8')
    .header('content-security-policy', policy)
    .header('x-content-type-options', 'nosniff')
    .header('referrer-policy', 'no-referrer')
    .send(content);
}
