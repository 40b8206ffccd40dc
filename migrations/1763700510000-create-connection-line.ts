import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateConnectionLine1763700510000 implements MigrationInterface {
  name = 'CreateConnectionLine1763700510000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE connection_line (
        step_id uuid PRIMARY KEY REFERENCES provisioning_steps (id) ON DELETE CASCADE,
        connection_id uuid NOT NULL,
        task_id uuid NOT NULL,
        customer_id uuid NOT NULL,
        direction text NOT NULL,
        priority integer NOT NULL,
        turn bigint NOT NULL,
        since timestamptz NOT NULL DEFAULT clock_timestamp(),
        retry_at timestamptz NOT NULL,
        ticket uuid,
        lease_until timestamptz,
        CHECK (ticket IS NULL OR lease_until IS NOT NULL)
      );
      CREATE INDEX connection_line_turn_idx ON connection_line (connection_id, priority, turn, since) WHERE lease_until IS NULL;
      CREATE INDEX connection_line_customer_idx ON connection_line (connection_id, customer_id, priority, turn) WHERE lease_until IS NULL;
      CREATE INDEX connection_line_lease_idx ON connection_line (connection_id) WHERE lease_until IS NOT NULL;

      -- The bucket as full as it is at this moment.
      CREATE FUNCTION connection_tokens(gate connection_gates) RETURNS double precision LANGUAGE sql AS $$
        SELECT least(gate.burst, gate.tokens + gate.rate_per_second * extract(epoch FROM clock_timestamp() - gate.filled_at)::float8)
      $$;

      -- How many steps may begin now. Only the holder of the gate's row lock gets an answer that stays true.
      CREATE FUNCTION connection_room(gate connection_gates) RETURNS integer LANGUAGE plpgsql AS $$
      DECLARE
        moment timestamptz := clock_timestamp();
        room integer := 1000000;
      BEGIN
        IF gate.connection_id IS NULL THEN RETURN room; END IF;
        IF gate.not_before > moment THEN RETURN 0; END IF;
        IF gate.opened_at IS NOT NULL THEN
          IF gate.probe_at > moment OR EXISTS (
            SELECT FROM connection_line l WHERE l.step_id = gate.probe_step AND l.lease_until > moment
          ) THEN RETURN 0; END IF;
          room := 1;
        END IF;
        IF gate.concurrency IS NOT NULL THEN
          room := least(room, gate.concurrency - (
            SELECT count(*) FROM connection_line l WHERE l.connection_id = gate.connection_id AND l.lease_until > moment
          ));
        END IF;
        IF gate.rate_per_second IS NOT NULL THEN room := least(room, floor(connection_tokens(gate))::integer); END IF;
        RETURN greatest(room, 0);
      END $$;

      -- Takes room for steps that begin: tokens, and the probe of a breaker that is open.
      CREATE FUNCTION take_connection_room(gate connection_gates, p_count integer, p_step uuid) RETURNS void LANGUAGE sql AS $$
        UPDATE connection_gates
           SET tokens = coalesce(connection_tokens(gate) - p_count, tokens), filled_at = clock_timestamp(),
               probe_step = CASE WHEN opened_at IS NULL THEN NULL ELSE p_step END
         WHERE connection_id = gate.connection_id AND p_count > 0 AND (rate_per_second IS NOT NULL OR opened_at IS NOT NULL)
      $$;

      -- Puts a step into the line, or leaves it at its place. Customers take turns: who has nothing in the line comes beside its head.
      -- One joins at a time, so that no two steps of a customer get the same turn.
      -- The place of a step that is under way is left alone.
      CREATE FUNCTION join_connection_line(p_step uuid, p_connection uuid, p_retry_seconds double precision) RETURNS void LANGUAGE sql AS $$
        SELECT pg_advisory_xact_lock(hashtextextended(p_connection::text, 0));
        INSERT INTO connection_line AS line (step_id, connection_id, task_id, customer_id, direction, priority, turn, retry_at)
        SELECT s.id, p_connection, t.id, t.customer_id, t.direction, t.priority,
               coalesce((SELECT max(l.turn) + 1 FROM connection_line l WHERE l.connection_id = p_connection
                            AND l.customer_id = t.customer_id AND l.priority = t.priority AND l.lease_until IS NULL),
                        (SELECT min(l.turn) FROM connection_line l WHERE l.connection_id = p_connection
                            AND l.priority = t.priority AND l.lease_until IS NULL), 0),
               clock_timestamp() + make_interval(secs => p_retry_seconds)
          FROM provisioning_steps s JOIN provisioning_tasks t ON t.id = s.task_id WHERE s.id = p_step
        ON CONFLICT (step_id) DO UPDATE
          SET connection_id = excluded.connection_id, direction = excluded.direction, retry_at = excluded.retry_at,
              ticket = NULL, lease_until = NULL,
              turn = CASE WHEN line.connection_id = excluded.connection_id AND line.direction = excluded.direction
                          THEN line.turn ELSE excluded.turn END
          WHERE line.ticket IS NULL OR line.lease_until < clock_timestamp()
      $$;

      -- Lets a step begin (NULL), or puts it into the line and says why. A step that was called from the line has its place.
      CREATE FUNCTION admit_step(p_step uuid, p_connection uuid, p_ticket uuid, p_lease_seconds double precision, p_retry_seconds double precision)
      RETURNS text LANGUAGE plpgsql AS $$
      DECLARE
        gate connection_gates;
        place connection_line;
        lease timestamptz := clock_timestamp() + make_interval(secs => p_lease_seconds);
      BEGIN
        SELECT * INTO gate FROM connection_gates WHERE connection_id = p_connection FOR NO KEY UPDATE;
        SELECT * INTO place FROM connection_line WHERE step_id = p_step FOR UPDATE;
        IF place.lease_until > clock_timestamp() AND place.ticket IS NOT NULL THEN RETURN 'busy'; END IF;
        IF place.lease_until > clock_timestamp() AND place.connection_id = p_connection THEN
          UPDATE connection_line SET ticket = p_ticket, lease_until = lease WHERE step_id = p_step;
          RETURN NULL;
        END IF;
        IF connection_room(gate) < 1 OR EXISTS (
          SELECT FROM connection_line l WHERE l.connection_id = p_connection AND l.lease_until IS NULL AND l.step_id <> p_step
        ) THEN
          PERFORM join_connection_line(p_step, p_connection, p_retry_seconds);
          RETURN CASE WHEN gate.not_before > clock_timestamp() THEN 'paused'
                      WHEN gate.opened_at IS NOT NULL THEN 'open'
                      WHEN connection_tokens(gate) < 1 OR (gate.rate_per_second IS NOT NULL AND gate.concurrency IS NULL) THEN 'rate'
                      WHEN gate.concurrency IS NOT NULL THEN 'concurrency'
                      ELSE 'line' END;
        END IF;
        PERFORM take_connection_room(gate, 1, p_step);
        IF place.step_id IS NOT NULL OR gate.concurrency IS NOT NULL OR gate.opened_at IS NOT NULL THEN
          PERFORM join_connection_line(p_step, p_connection, p_retry_seconds);
          UPDATE connection_line SET ticket = p_ticket, lease_until = lease WHERE step_id = p_step;
        END IF;
        RETURN NULL;
      END $$;

      -- Calls the next in line, as many as there is room for, and returns their tasks. Whoever is called has a place until its lease ends.
      CREATE FUNCTION call_connection_line(p_connection uuid, p_most integer, p_lease_seconds double precision)
      RETURNS TABLE (task uuid) LANGUAGE plpgsql AS $$
      DECLARE
        gate connection_gates;
        steps uuid[];
        tasks uuid[];
      BEGIN
        IF NOT EXISTS (SELECT FROM connection_line l WHERE l.connection_id = p_connection AND l.lease_until IS NULL) THEN RETURN; END IF;
        SELECT * INTO gate FROM connection_gates WHERE connection_id = p_connection FOR NO KEY UPDATE;
        WITH next AS MATERIALIZED (
          SELECT l.step_id FROM connection_line l JOIN provisioning_tasks t ON t.id = l.task_id
           WHERE l.connection_id = p_connection AND l.lease_until IS NULL
             AND t.status IN ('queued', 'running', 'waiting') AND t.direction = l.direction
             AND (t.direction = 'undo' OR t.cancel_requested_at IS NULL)
           ORDER BY l.priority, l.turn, l.since LIMIT least(connection_room(gate), p_most) FOR UPDATE OF l SKIP LOCKED
        ), called AS (
          UPDATE connection_line l SET lease_until = clock_timestamp() + make_interval(secs => p_lease_seconds), ticket = NULL
            FROM next WHERE l.step_id = next.step_id RETURNING l.step_id, l.task_id
        )
        SELECT array_agg(called.step_id), array_agg(DISTINCT called.task_id) INTO steps, tasks FROM called;
        IF steps IS NULL THEN RETURN; END IF;
        PERFORM take_connection_room(gate, cardinality(steps), steps[1]);
        RETURN QUERY SELECT unnest(tasks);
      END $$;

      -- Gives a place back and keeps what its end says about the connection. True when somebody waits in the line.
      -- p_verdict: 'answer' closes the breaker, 'failure' counts towards opening it, 'none' says nothing.
      CREATE FUNCTION leave_connection(p_connection uuid, p_step uuid, p_ticket uuid, p_verdict text, p_pause_ms double precision,
        p_failures integer, p_probe_seconds double precision, p_longest_probe_seconds double precision)
      RETURNS boolean LANGUAGE plpgsql AS $$
      DECLARE
        gate connection_gates;
        moment timestamptz := clock_timestamp();
      BEGIN
        IF p_verdict = 'failure' OR p_pause_ms IS NOT NULL THEN
          INSERT INTO connection_gates (connection_id) SELECT id FROM connections WHERE id = p_connection ON CONFLICT DO NOTHING;
        END IF;
        SELECT * INTO gate FROM connection_gates WHERE connection_id = p_connection FOR NO KEY UPDATE;
        DELETE FROM connection_line WHERE step_id = p_step AND ticket = p_ticket;
        IF p_pause_ms IS NOT NULL THEN
          UPDATE connection_gates SET not_before = greatest(not_before, moment + make_interval(secs => p_pause_ms / 1000))
           WHERE connection_id = p_connection;
        END IF;
        IF p_verdict = 'failure' THEN
          IF gate.opened_at IS NULL THEN
            UPDATE connection_gates
               SET failures = gate.failures + 1,
                   opened_at = CASE WHEN gate.failures + 1 >= p_failures THEN moment END,
                   probe_at = CASE WHEN gate.failures + 1 >= p_failures THEN moment + make_interval(secs => p_probe_seconds) END,
                   probe_step = NULL, failed_probes = 0
             WHERE connection_id = p_connection;
          ELSE
            UPDATE connection_gates
               SET failures = gate.failures + 1,
                   failed_probes = gate.failed_probes + (gate.probe_step IS NOT DISTINCT FROM p_step)::integer,
                   probe_at = CASE WHEN gate.probe_step IS DISTINCT FROM p_step THEN gate.probe_at
                     ELSE moment + make_interval(secs => least(p_longest_probe_seconds, p_probe_seconds * 2 ^ least(gate.failed_probes + 1, 20))) END,
                   probe_step = nullif(gate.probe_step, p_step)
             WHERE connection_id = p_connection;
          END IF;
        ELSIF p_verdict = 'answer' THEN
          UPDATE connection_gates SET failures = 0, opened_at = NULL, probe_at = NULL, probe_step = NULL, failed_probes = 0
           WHERE connection_id = p_connection AND (failures > 0 OR opened_at IS NOT NULL);
        ELSIF gate.probe_step = p_step THEN
          UPDATE connection_gates SET probe_step = NULL, probe_at = moment + make_interval(secs => p_probe_seconds)
           WHERE connection_id = p_connection AND opened_at IS NOT NULL;
        END IF;
        RETURN EXISTS (SELECT FROM connection_line l WHERE l.connection_id = p_connection AND l.lease_until IS NULL);
      END $$;
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      DROP FUNCTION leave_connection, call_connection_line, admit_step, join_connection_line, take_connection_room,
        connection_room, connection_tokens;
      DROP TABLE connection_line;
    `);
  }
}
