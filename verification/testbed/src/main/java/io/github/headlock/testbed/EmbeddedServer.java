package io.github.headlock.testbed;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;

/**
 * A server whose processes are children of this JVM.
 */
final class EmbeddedServer implements RunningServer {

	private final EmbeddedPostgres server;

	private final PgControl control;

	private EmbeddedServer(EmbeddedPostgres server, PgControl control) {
		this.server = server;
		this.control = control;
	}

	/** The access rules are those of {@code pg_hba.conf}; without, all are trusted. */
	static EmbeddedServer start(Map<String, String> settings, String accessRules) {
		EmbeddedPostgres.Builder builder = EmbeddedPostgres.builder()
			.setPGStartupWait(Duration.ofSeconds(60))
			// files of a run that is thrown away need not reach the disk
			.setServerConfig("fsync", "off")
			.setServerConfig("synchronous_commit", "off");
		try {
			if (!accessRules.isEmpty()) {
				Path file = Files.createTempFile("pg_hba", ".conf");
				file.toFile().deleteOnExit();
				builder.setServerConfig("hba_file", Files.writeString(file, accessRules).toString());
			}
			settings.forEach(builder::setServerConfig);
			EmbeddedPostgres server = builder.start();
			return new EmbeddedServer(server, new PgControl(dataDirectory(server.getPort())));
		}
		catch (IOException ex) {
			throw new UncheckedIOException("PostgreSQL does not start", ex);
		}
		catch (SQLException ex) {
			throw new IllegalStateException("PostgreSQL does not answer", ex);
		}
	}

	static Path dataDirectory(int port) throws SQLException {
		String url = PostgresServer.url("127.0.0.1", port, "postgres");
		try (Connection connection = DriverManager.getConnection(url + "?sslmode=disable", "postgres", "");
				Statement statement = connection.createStatement();
				ResultSet row = statement.executeQuery("SHOW data_directory")) {
			row.next();
			return Path.of(row.getString(1));
		}
	}

	@Override
	public String host() {
		return "127.0.0.1";
	}

	@Override
	public int port() {
		return this.server.getPort();
	}

	@Override
	public void stop(String mode) {
		this.control.stop(mode);
	}

	@Override
	public void startAgain() {
		this.control.start();
	}

	@Override
	public void signal(String signal) {
		this.control.signal(signal);
	}

	@Override
	public void close() {
		try {
			this.server.close();
		}
		catch (IOException ex) {
			throw new UncheckedIOException("PostgreSQL does not stop", ex);
		}
	}

}
