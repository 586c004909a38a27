package io.github.headlock.campaign;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

import io.github.headlock.testbed.MigrationRoles;
import io.github.headlock.testbed.PostgresServer;
import org.flywaydb.core.Flyway;

/**
 * The database of one round, with a role that owns it and migrates and one that the
 * application logs in with. Neither is a superuser.
 */
final class RoundDatabase implements AutoCloseable {

	private final PostgresServer server;

	private final String name;

	private final MigrationRoles roles;

	private RoundDatabase(PostgresServer server, String name) {
		this.server = server;
		this.name = name;
		this.roles = new MigrationRoles("migrator_" + name, "application_" + name);
	}

	static RoundDatabase create(PostgresServer server, String name) throws SQLException {
		RoundDatabase database = new RoundDatabase(server, name);
		server.createDatabase(name);
		try (Connection connection = server.connect(name); Statement statement = connection.createStatement()) {
			database.roles.create(connection);
			database.roles.allowBlocking(connection);
			database.roles.allowReading(connection);
			statement.execute(String.format(Locale.ROOT, "REVOKE CONNECT ON DATABASE %s FROM PUBLIC", name));
			statement.execute(String.format(Locale.ROOT, "GRANT CONNECT ON DATABASE %s TO %s, %s", name,
					database.migrator(), database.application()));
		}
		return database;
	}

	String name() {
		return this.name;
	}

	String migrator() {
		return this.roles.migrator();
	}

	String application() {
		return this.roles.application();
	}

	/** URL straight to the server. */
	String url() {
		return this.server.url(this.name);
	}

	/** A session of its own as superuser. */
	Connection connect() throws SQLException {
		return this.server.connect(this.name);
	}

	/** As superuser. */
	void execute(String sql) throws SQLException {
		try (Connection connection = connect(); Statement statement = connection.createStatement()) {
			statement.execute(sql);
		}
	}

	/** First column of every row, as text. */
	List<String> list(String sql, Object... parameters) throws SQLException {
		try (Connection connection = connect()) {
			return list(connection, sql, parameters);
		}
	}

	static List<String> list(Connection connection, String sql, Object... parameters) throws SQLException {
		try (PreparedStatement statement = connection.prepareStatement(sql)) {
			for (int i = 0; i < parameters.length; i++) {
				statement.setObject(i + 1, parameters[i]);
			}
			List<String> values = new ArrayList<>();
			try (ResultSet row = statement.executeQuery()) {
				while (row.next()) {
					values.add(row.getString(1));
				}
			}
			return values;
		}
	}

	/** Applies migrations with Flyway alone, before anything else happens. */
	void install(List<String> locations) {
		Flyway.configure()
			.dataSource(url(), migrator(), "")
			.locations(locations.toArray(String[]::new))
			.load()
			.migrate();
	}

	/** What a replica is told of it, with the URL by which it reaches it. */
	List<String> arguments(String url) {
		return List.of("--spring.datasource.url=" + url, "--spring.datasource.username=" + application(),
				"--spring.flyway.url=" + url, "--spring.flyway.user=" + migrator(), "--spring.flyway.password=");
	}

	/** Drops it and its roles. */
	@Override
	public void close() throws SQLException {
		try (Connection connection = this.server.connect("postgres");
				Statement statement = connection.createStatement()) {
			// forced, it would wait for them for 5 s only
			statement.execute(String.format(Locale.ROOT,
					"SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity WHERE datname = '%s'", this.name));
			statement.execute(String.format(Locale.ROOT, "DROP DATABASE %s WITH (FORCE)", this.name));
			statement.execute(String.format(Locale.ROOT, "DROP ROLE %s, %s", migrator(), application()));
		}
	}

}
