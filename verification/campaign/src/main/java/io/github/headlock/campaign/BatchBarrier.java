package io.github.headlock.campaign;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Locale;

/**
 * Holds whoever works on a background migration at a step of its transaction, by an
 * advisory lock that triggers take for a moment, too.
 */
final class BatchBarrier implements AutoCloseable {

	/** Longer than a batch waits for locks of others; the batch timeout still counts. */
	private static final String HOLD = """
			CREATE FUNCTION public.%1$s() RETURNS trigger LANGUAGE plpgsql SET lock_timeout = 0 AS $$ BEGIN \
			PERFORM pg_catalog.pg_advisory_xact_lock_shared(1, %2$d); RETURN NULL; END $$""";

	private static final String SHORTEN = """
			CREATE FUNCTION public.shorten_pause() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
			IF NEW.pass > OLD.pass THEN \
			NEW.next_at := least(NEW.next_at, pg_catalog.clock_timestamp() + interval '500 ms'); END IF; \
			RETURN NEW; END $$""";

	/** As soon as there are the tables that hold the state. */
	private static final String WATCH = """
			CREATE FUNCTION public.hold_background() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN \
			IF pg_catalog.to_regclass('public.flyway_schema_history_background_batch') IS NOT NULL \
			AND NOT EXISTS (SELECT FROM pg_catalog.pg_trigger WHERE tgname = 'held_when_made') THEN \
			CREATE TRIGGER shorten_pause BEFORE UPDATE OF pass ON public.flyway_schema_history_background \
			FOR EACH ROW EXECUTE FUNCTION public.shorten_pause(); \
			CREATE TRIGGER held_when_made AFTER INSERT ON public.flyway_schema_history_background_batch \
			FOR EACH ROW WHEN (NOT NEW.failed) EXECUTE FUNCTION public.%1$s(); \
			CREATE TRIGGER held_when_recorded AFTER UPDATE OF rows_changed ON public.flyway_schema_history_background \
			FOR EACH STATEMENT EXECUTE FUNCTION public.%2$s(); \
			CREATE TRIGGER held_when_ended AFTER UPDATE ON public.flyway_schema_history_background FOR EACH ROW \
			WHEN (OLD.pass <> NEW.pass OR OLD.state <> 'finished' AND NEW.state = 'finished') \
			EXECUTE FUNCTION public.%3$s(); \
			END IF; END $$""";

	private final Connection connection;

	private BatchBarrier(Connection connection) {
		this.connection = connection;
	}

	/**
	 * Prepares a database, in which the tables of background migrations are not there
	 * yet. The pause between two passes becomes half a second.
	 */
	static void prepare(RoundDatabase database) throws SQLException {
		for (BackgroundStep step : BackgroundStep.values()) {
			database.execute(String.format(Locale.ROOT, HOLD, step.function(), step.gate()));
		}
		database.execute(SHORTEN);
		database.execute(String.format(Locale.ROOT, WATCH, BackgroundStep.MADE.function(),
				BackgroundStep.RECORDED.function(), BackgroundStep.PASS_ENDED.function()));
		database.execute("CREATE EVENT TRIGGER hold_background ON ddl_command_end WHEN TAG IN ('CREATE TABLE') "
				+ "EXECUTE FUNCTION public.hold_background()");
	}

	/** Holds whoever comes to a step from now on. */
	static BatchBarrier hold(BackgroundStep step, RoundDatabase database) throws SQLException {
		Connection connection = database.connect();
		try (Statement statement = connection.createStatement()) {
			statement.execute("SET application_name = 'gate'");
			statement.execute(String.format(Locale.ROOT, "SELECT pg_advisory_lock(1, %d)", step.gate()));
		}
		return new BatchBarrier(connection);
	}

	/** Lets go whom it holds, which a restart of the server has done already. */
	@Override
	public void close() {
		try {
			this.connection.close();
		}
		catch (SQLException ex) {
			// it is lost
		}
	}

}
