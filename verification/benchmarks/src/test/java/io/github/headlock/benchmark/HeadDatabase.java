package io.github.headlock.benchmark;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;

import io.github.headlock.testbed.PostgresServer;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.MigrationInfo;

/**
 * Makes a database whose history is at head, without running each migration: Flyway
 * creates the history with the first of them, and the rows of the others are inserted.
 */
final class HeadDatabase {

	private static final String INSERT = """
			INSERT INTO flyway_schema_history
				(installed_rank, version, description, type, script, checksum, installed_by, execution_time, success)
			VALUES (?, ?, ?, 'SQL', ?, ?, 'postgres', 1, true)
			""";

	private HeadDatabase() {
	}

	/**
	 * Creates it.
	 * @param server the server
	 * @param name name of the database
	 * @param folder a folder with the migrations
	 */
	static void create(PostgresServer server, String name, Path folder) throws SQLException {
		server.createDatabase(name);
		flyway(server, name, folder, "1").migrate();
		Flyway flyway = flyway(server, name, folder, "latest");
		insert(server, name, flyway.info().pending());
		flyway.validate();
		if (flyway.info().pending().length > 0) {
			throw new IllegalStateException("The history of " + name + " is not at head");
		}
	}

	private static Flyway flyway(PostgresServer server, String name, Path folder, String target) {
		return Flyway.configure()
			.dataSource(server.url(name), "postgres", "")
			.locations("filesystem:" + folder)
			.target(target)
			.load();
	}

	private static void insert(PostgresServer server, String name, MigrationInfo[] migrations) throws SQLException {
		try (Connection connection = server.connect(name);
				PreparedStatement insert = connection.prepareStatement(INSERT)) {
			int rank = 1;
			for (MigrationInfo migration : migrations) {
				insert.setInt(1, ++rank);
				insert.setString(2, migration.getVersion().getVersion());
				insert.setString(3, migration.getDescription());
				insert.setString(4, migration.getScript());
				insert.setInt(5, migration.getChecksum());
				insert.addBatch();
			}
			insert.executeBatch();
		}
	}

}
