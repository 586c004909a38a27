package io.github.headlock.campaign;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Locale;

/**
 * Triggers that write down what nobody sees afterwards: when a background migration was
 * in which state, and batches that were begun while it was to hold.
 */
final class BackgroundWatch {

	/** What was begun while it was to hold. */
	static final String BEGUN = "SELECT what FROM public.background_seen WHERE kind = 'begun' LIMIT 5";

	private static final String TABLE = """
			CREATE TABLE public.background_seen (id bigint GENERATED ALWAYS AS IDENTITY, \
			at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(), kind text NOT NULL, what text NOT NULL)""";

	private static final String NOTE_STATE = """
			CREATE FUNCTION public.note_state() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN \
			INSERT INTO public.background_seen (kind, what) VALUES ('state', NEW.state); RETURN NULL; END $$""";

	/** A start that finishes it does not hold, nor does one at full speed. */
	private static final String NOTE_BEGUN = """
			CREATE FUNCTION public.note_begun() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN \
			INSERT INTO public.background_seen (kind, what) \
			SELECT 'begun', pg_catalog.format('batch %%s begun %%s before the end of a hold: %%s', NEW.id, \
			p.held_until - pg_catalog.clock_timestamp(), p.held_because) \
			FROM public.flyway_schema_history_background p WHERE p.name = NEW.name AND p.state = 'running' \
			AND NOT p.full_speed AND p.held_until > pg_catalog.clock_timestamp() \
			AND NOT EXISTS (SELECT FROM pg_catalog.pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 1 \
			AND database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()) \
			AND classid::bigint = %d AND objid::bigint = %d); \
			RETURN NULL; END $$""";

	private static final String WATCH = """
			CREATE FUNCTION public.watch_background() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN \
			IF pg_catalog.to_regclass('public.flyway_schema_history_background_batch') IS NOT NULL \
			AND NOT EXISTS (SELECT FROM pg_catalog.pg_trigger WHERE tgname = 'noted_begun') THEN \
			CREATE TRIGGER noted_state AFTER INSERT OR UPDATE OF state ON public.flyway_schema_history_background \
			FOR EACH ROW EXECUTE FUNCTION public.note_state(); \
			CREATE TRIGGER noted_begun AFTER INSERT ON public.flyway_schema_history_background_batch \
			FOR EACH ROW WHEN (NOT NEW.failed) EXECUTE FUNCTION public.note_begun(); \
			END IF; END $$""";

	private static final String HOLD_LEFT = """
			SELECT pg_catalog.format('finished, and %s', held_because) FROM flyway_schema_history_background \
			WHERE state = 'finished' AND held_because IS NOT NULL""";

	private static final String FULL_SPEED_LEFT = """
			SELECT pg_catalog.format('%s at full speed', state) FROM flyway_schema_history_background \
			WHERE full_speed AND state NOT IN ('running', 'finalizing')""";

	/** In between, or in the state that it has now. */
	private static final String FINISHED_SINCE = """
			SELECT what FROM (SELECT what, lead(at) OVER (ORDER BY id) AS until FROM public.background_seen \
			WHERE kind = 'state') s WHERE what = 'finished' AND (until IS NULL OR until >= ?::timestamptz)""";

	private BackgroundWatch() {
	}

	/**
	 * Prepares a database, in which the tables of background migrations are not there
	 * yet.
	 */
	static void prepare(RoundDatabase database) throws SQLException {
		database.execute(TABLE);
		database.execute(NOTE_STATE);
		database
			.execute(String.format(Locale.ROOT, NOTE_BEGUN, Observer.LOCK_KEY >>> 32, Observer.LOCK_KEY & 0xFFFFFFFFL));
		database.execute(WATCH);
		database.execute("CREATE EVENT TRIGGER watch_background ON ddl_command_end WHEN TAG IN ('CREATE TABLE') "
				+ "EXECUTE FUNCTION public.watch_background()");
	}

	/** Holds of a migration that is finished. */
	static List<String> holdsLeft(Connection connection) throws SQLException {
		return RoundDatabase.list(connection, HOLD_LEFT);
	}

	/** Full speed of a migration that nobody works on. */
	static List<String> fullSpeedLeft(Connection connection) throws SQLException {
		return RoundDatabase.list(connection, FULL_SPEED_LEFT);
	}

	/** Whether the migration is finished, or was at any time since then. */
	static boolean wasFinishedSince(Connection connection, Instant since) throws SQLException {
		return !RoundDatabase.list(connection, FINISHED_SINCE, since.toString()).isEmpty();
	}

}
