package io.github.headlock.background;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

import io.github.headlock.BackgroundThrottle;
import io.github.headlock.test.TestDatabase;
import org.jspecify.annotations.Nullable;

import org.springframework.util.unit.DataSize;

/**
 * Processes that look whether a background migration of the customers is to hold.
 */
final class Holds {

	static final BackgroundDefinition COUNT_UP = Customers.definition(Customers.COUNT_UP);

	/** The lock of VACUUM, ANALYZE and the like. */
	static final String MAINTENANCE = "LOCK TABLE customer IN SHARE UPDATE EXCLUSIVE MODE";

	private static final String TABLE = "flyway_schema_history_background";

	private final TestDatabase database;

	final Customers customers;

	Holds(TestDatabase database) throws SQLException {
		this.database = database;
		this.customers = Customers.create(database, 2_000);
		this.customers.register(COUNT_UP);
	}

	static ThrottleSettings settings(Duration maxReplicationLag, @Nullable String maxWalRate) {
		return new ThrottleSettings(maxReplicationLag, (maxWalRate != null) ? DataSize.parse(maxWalRate) : null,
				ThrottleBeans.NONE);
	}

	static ThrottleSettings settings(Map<String, BackgroundThrottle> throttles) {
		return new ThrottleSettings(Duration.ZERO, null,
				new ThrottleBeans(() -> throttles.keySet().stream().sorted().toList(),
						(name) -> Optional.ofNullable(throttles.get(name))));
	}

	/** A process, which looks as soon as it is asked. */
	BackgroundWork process() {
		return process(ThrottleSettings.NONE);
	}

	BackgroundWork process(ThrottleSettings settings) {
		return this.customers.work(COUNT_UP, Customers.settings(settings));
	}

	/** Whether a process is to hold, after it has looked if it has to. */
	boolean holds(BackgroundWork process) throws SQLException {
		return holds(process, "postgres");
	}

	/** The same for the process of another role. */
	boolean holds(BackgroundWork process, String role) throws SQLException {
		try (Connection connection = this.customers.connect(); Statement statement = connection.createStatement()) {
			statement.execute("SET ROLE " + role);
			return process.pause(connection, this.customers.progress()).toNanos() > 0;
		}
	}

	Step step(BackgroundWork process) throws SQLException {
		try (Connection connection = this.customers.connect()) {
			return process.step(connection);
		}
	}

	/** Somebody has to look again. */
	void expire() {
		set("held_until = pg_catalog.clock_timestamp()");
	}

	/** It was held for longer than the built-in holds may last. */
	void makeOld() {
		set("held_since = held_since - interval '31 min'");
		expire();
	}

	void set(String assignments) {
		this.database.execute("UPDATE " + TABLE + " SET " + assignments);
	}

	@Nullable String because() {
		return this.database.list("SELECT held_because FROM " + TABLE).get(0);
	}

	String column(String column) {
		return this.database.value("SELECT (%s)::text FROM %s".formatted(column, TABLE));
	}

	/** A role that may work on it, and see what all may see. */
	String plainRole() {
		String role = "plain_" + this.database.name();
		this.database.execute("CREATE ROLE " + role,
				"GRANT SELECT, INSERT, UPDATE, DELETE ON customer, %1$s, %1$s_batch TO ".formatted(TABLE) + role);
		return role;
	}

}
