package io.github.headlock.sample.demo;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import io.github.headlock.testbed.PostgresServer;
import org.awaitility.core.ConditionTimeoutException;

import static org.awaitility.Awaitility.await;

/**
 * A database of the demo, at first empty.
 *
 * @param server its server
 * @param name its name
 * @param url JDBC URL for the replicas
 */
record DemoDatabase(PostgresServer server, String name, String url) {

	private static final Duration MOMENT = Duration.ofSeconds(5);

	/** Arguments of a replica that does all with one role. */
	List<String> access() {
		return List.of("--spring.datasource.url=" + this.url, "--spring.datasource.username=postgres",
				"--spring.datasource.password=");
	}

	/** JDBC URL past any pooler, for a process that migrates. */
	String directUrl() {
		return this.server.url(this.name);
	}

	/** First column of every row, as text, asked straight from the server. */
	List<String> list(String sql) {
		try (Connection connection = this.server.connect(this.name);
				Statement statement = connection.createStatement();
				ResultSet row = statement.executeQuery(sql)) {
			List<String> values = new ArrayList<>();
			while (row.next()) {
				values.add(row.getString(1));
			}
			return values;
		}
		catch (SQLException ex) {
			throw new IllegalStateException(sql, ex);
		}
	}

	void execute(String sql) {
		try (Connection connection = this.server.connect(this.name);
				Statement statement = connection.createStatement()) {
			statement.execute(sql);
		}
		catch (SQLException ex) {
			throw new IllegalStateException(sql, ex);
		}
	}

	/** Number in the only row. */
	int number(String sql) {
		return Integer.parseInt(list(sql).get(0));
	}

	/** Those of all databases of the server. */
	int advisoryLocks() {
		return number("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'");
	}

	/**
	 * Those that stay. Processes that work on a background migration have one for a
	 * moment at a time.
	 */
	int lastingAdvisoryLocks() {
		try {
			return await().atMost(MOMENT).pollDelay(Duration.ZERO).until(this::advisoryLocks, (locks) -> locks == 0);
		}
		catch (ConditionTimeoutException ex) {
			return advisoryLocks();
		}
	}

}
