package io.github.headlock.schema;

import java.sql.Connection;
import java.util.List;

import io.github.headlock.SchemaStatus;
import io.github.headlock.history.HistoryTable;
import io.github.headlock.jdbc.ServerFacts;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.testbed.TestMigrations;
import io.github.headlock.upgrade.UpgradePath;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.configuration.Configuration;
import org.flywaydb.core.api.configuration.FluentConfiguration;

/**
 * A release under test: its files, and the database that it looks at.
 */
final class Release {

	final TestDatabase database = TestDatabase.create();

	final TestMigrations migrations;

	Release(TestMigrations migrations) {
		this.migrations = migrations;
	}

	void file(String name, String content) {
		this.migrations.file(name, content);
	}

	void delete(String name) {
		this.migrations.delete(name);
	}

	FluentConfiguration configuration() {
		return Flyway.configure().dataSource(this.database.url(), "postgres", "").locations(this.migrations.location());
	}

	Flyway flyway() {
		return configuration().load();
	}

	SchemaStatus look(Configuration configuration) throws Exception {
		try (Connection connection = this.database.connect()) {
			return head(configuration, connection).look(connection);
		}
	}

	List<String> alwaysRunWork() throws Exception {
		try (Connection connection = this.database.connect()) {
			return head(configuration(), connection).alwaysRunWork().items();
		}
	}

	static SchemaHead head(Configuration configuration, Connection connection) throws Exception {
		ServerFacts server = ServerFacts.read(connection);
		HistoryTable table = HistoryTable.of(configuration, server);
		return SchemaHead.of(configuration, MigrationListing.of(configuration, true).on(table, server), table,
				new UpgradePath(null, List.of(), null));
	}

}
