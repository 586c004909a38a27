package io.github.headlock.background;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

import io.github.headlock.jdbc.MigrationConnections;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.testbed.TestMigrations;
import org.flywaydb.core.Flyway;

import org.springframework.core.io.support.PathMatchingResourcePatternResolver;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Customers, and an operator of the background migration that fills a column of theirs.
 *
 * @param database the database
 * @param customers the customers
 * @param folder where it is declared
 */
record OperatedCustomers(TestDatabase database, Customers customers, Path folder) {

	static OperatedCustomers create(TestDatabase database, int rows, Path folder) {
		return new OperatedCustomers(database, Customers.create(database, rows), folder).declare(Customers.COUNT_UP);
	}

	OperatedCustomers declare(String text) {
		new TestMigrations(this.folder).file("backfill.sql", text);
		return this;
	}

	BackgroundOperations operations() {
		return operations("postgres", Duration.ofSeconds(30));
	}

	BackgroundOperations operations(String role, Duration batchTimeout) {
		return operations(this.database.url(), role, batchTimeout);
	}

	BackgroundOperations operations(String url, String role, Duration batchTimeout) {
		BackgroundSettings settings = new BackgroundSettings(BackgroundRun.AUTO, 1, Duration.ofMillis(250),
				batchTimeout, 0.5, Duration.ofMinutes(1), null, Duration.ofMinutes(1), ThrottleSettings.NONE);
		BackgroundMigrations migrations = BackgroundMigrations.load(List.of("filesystem:" + this.folder),
				new PathMatchingResourcePatternResolver(), Map.of(), settings);
		return new BackgroundOperations(migrations, MigrationConnections
			.of(Flyway.configure().dataSource(new DriverManagerDataSource(url, role, "")).load().getConfiguration()),
				Customers.HISTORY);
	}

	void register() throws Exception {
		this.customers.register(Customers.definition(Customers.COUNT_UP));
	}

	void set(String assignments) {
		this.database.execute("UPDATE flyway_schema_history_background SET " + assignments);
	}

	String value(String expression) {
		return this.database.value("SELECT %s FROM flyway_schema_history_background".formatted(expression));
	}

	/** A failed row, as a batch leaves it. */
	void fail(int id) {
		this.database.execute("INSERT INTO flyway_schema_history_background_batch (name, upper_key, size, failed) "
				+ "VALUES ('backfill', '{%d}', 1, true)".formatted(id));
	}

	/**
	 * All rows, of the application and of Headlock, with the transactions they are of.
	 */
	String everything() {
		return List.of("customer", "flyway_schema_history_background", "flyway_schema_history_background_batch")
			.stream()
			.map((table) -> this.database
				.value("SELECT string_agg(concat(t.ctid, t.xmin, t), ';' ORDER BY t) FROM %s t".formatted(table)))
			.toList()
			.toString();
	}

	/** What an operator is told of the only one. */
	BackgroundStatus status() throws Exception {
		try (var connection = this.customers.connect()) {
			BackgroundLook look = operations().look(connection);
			assertThat(look.problem()).isNull();
			assertThat(look.migrations()).hasSize(1);
			return look.migrations().get(0);
		}
	}

}
