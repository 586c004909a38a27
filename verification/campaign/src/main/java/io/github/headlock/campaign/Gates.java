package io.github.headlock.campaign;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * StepBarriers migrations at their beginning or end, by advisory locks that these take
 * for a moment, too. Shared ones, so that they do not keep each other apart.
 */
final class Gates implements AutoCloseable {

	private final RoundDatabase database;

	private final Timeline timeline;

	private final Map<Integer, Connection> held = new LinkedHashMap<>();

	Gates(RoundDatabase database, Timeline timeline) {
		this.database = database;
		this.timeline = timeline;
	}

	/** The number of the gate at this step of a migration. */
	static int number(int version, Step step) {
		return version * 10 + ((step == Step.INSIDE) ? 1 : 2);
	}

	/**
	 * What a migration does at this gate, where it may stand for longer than in a queue.
	 */
	static String pass(int version, Step step) {
		return String.format(Locale.ROOT,
				"SELECT set_config('lock_timeout', '0', true);%nSELECT pg_advisory_xact_lock_shared(1, %d);%n",
				number(version, step));
	}

	/** Unless it is held already. */
	void hold(int gate) throws SQLException {
		if (this.held.containsKey(gate)) {
			return;
		}
		Connection connection = this.database.connect();
		this.held.put(gate, connection);
		try (Statement statement = connection.createStatement()) {
			statement.execute("SET application_name = 'gate'");
			statement.execute(String.format(Locale.ROOT, "SELECT pg_advisory_lock(1, %d)", gate));
		}
	}

	void release(int gate) throws SQLException {
		Connection connection = this.held.remove(gate);
		if (connection != null) {
			connection.close();
			this.timeline.note("the gate of migration %d is open", gate / 10);
		}
	}

	/** After a restart of the server, which has opened them all. */
	void holdAgain() throws SQLException {
		for (int gate : this.held.keySet().toArray(Integer[]::new)) {
			Connection ended = this.held.remove(gate);
			if (ended != null) {
				ended.close();
			}
			hold(gate);
		}
	}

	@Override
	public void close() throws SQLException {
		for (int gate : this.held.keySet().toArray(Integer[]::new)) {
			release(gate);
		}
	}

}
