package io.github.headlock.campaign;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Map;

import io.github.headlock.testbed.FailoverCluster;
import io.github.headlock.testbed.PostgresServer;
import org.jspecify.annotations.Nullable;

/**
 * What the rounds of a lane share: a server, and a way to start replicas quickly.
 */
final class TestBench implements AutoCloseable {

	/** What was committed must outlive an immediate shutdown. */
	private static final Map<String, String> SETTINGS = Map.of("synchronous_commit", "on", "autovacuum", "off",
			"max_connections", "100", "wal_retrieve_retry_interval", "100ms");

	private volatile Servers servers;

	private final ReplicaCommand command;

	private final Path folder;

	private TestBench(Servers servers, ReplicaCommand command, Path folder) {
		this.servers = servers;
		this.command = command;
		this.folder = folder;
	}

	/**
	 * Opens it.
	 * @param classPath class path of the replicas, of archives only
	 * @param folder where migrations and logs go
	 * @param failover whether the server has a standby
	 */
	static TestBench open(String classPath, Path folder, boolean failover)
			throws IOException, InterruptedException, SQLException {
		Files.createDirectories(folder);
		Servers servers = startServers(failover);
		try {
			return new TestBench(servers, ReplicaCommand.prepare(classPath, folder, servers.current()), folder);
		}
		catch (IOException | InterruptedException | RuntimeException ex) {
			servers.current().close();
			throw ex;
		}
	}

	private static Servers startServers(boolean failover) throws SQLException {
		FailoverCluster cluster = failover ? FailoverCluster.start(SETTINGS) : null;
		PostgresServer server = (cluster != null) ? cluster.server() : PostgresServer.start(SETTINGS);
		try {
			BystanderDatabase.create(server);
			return new Servers(server, cluster);
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
			this.servers.current().close();
		}
		catch (RuntimeException ex) {
			// it is down already
		}
		this.servers = startServers(this.servers.cluster() != null);
	}

	/** The server, or the primary of the moment. */
	PostgresServer server() {
		return this.servers.current();
	}

	/** The primary and its standby, if there is one. */
	@Nullable FailoverCluster cluster() {
		return this.servers.cluster();
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
		this.servers.current().close();
	}

	/**
	 * What runs.
	 *
	 * @param current the server, or the primary of the moment
	 * @param cluster the primary and its standby, if there is one
	 */
	private record Servers(PostgresServer current, @Nullable FailoverCluster cluster) {
	}

}
