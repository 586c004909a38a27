package io.github.headlock.campaign;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Map;

import io.github.headlock.testbed.PostgresServer;

/**
 * What the rounds of a lane share: a server, and a way to start replicas quickly.
 */
final class TestBench implements AutoCloseable {

	private volatile PostgresServer server;

	private final ReplicaCommand command;

	private final Path folder;

	private TestBench(PostgresServer server, ReplicaCommand command, Path folder) {
		this.server = server;
		this.command = command;
		this.folder = folder;
	}

	/**
	 * Opens it.
	 * @param classPath class path of the replicas, of archives only
	 * @param folder where migrations and logs go
	 */
	static TestBench open(String classPath, Path folder) throws IOException, InterruptedException, SQLException {
		Files.createDirectories(folder);
		PostgresServer server = startServer();
		try {
			return new TestBench(server, ReplicaCommand.prepare(classPath, folder, server), folder);
		}
		catch (IOException | InterruptedException | RuntimeException ex) {
			server.close();
			throw ex;
		}
	}

	private static PostgresServer startServer() throws SQLException {
		// what was committed must outlive an immediate shutdown
		PostgresServer server = PostgresServer
			.start(Map.of("synchronous_commit", "on", "autovacuum", "off", "max_connections", "100"));
		try {
			BystanderDatabase.create(server);
			return server;
		}
		catch (SQLException | RuntimeException ex) {
			server.close();
			throw ex;
		}
	}

	/**
	 * After a round that left the server in who knows what state: begins with another.
	 */
	void replaceServer() throws SQLException {
		try {
			this.server.close();
		}
		catch (RuntimeException ex) {
			// it is down already
		}
		this.server = startServer();
	}

	PostgresServer server() {
		return this.server;
	}

	ReplicaCommand command() {
		return this.command;
	}

	Path folder() {
		return this.folder;
	}

	@Override
	public void close() {
		this.command.delete();
		this.server.close();
	}

}
