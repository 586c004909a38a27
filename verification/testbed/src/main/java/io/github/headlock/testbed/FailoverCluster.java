package io.github.headlock.testbed;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import io.github.headlock.testbed.PostgresServer.StopMode;

/**
 * A primary and its streaming standby, which takes the place of the primary when that is
 * gone for good. Replication is synchronous, so that no transaction is lost that a client
 * believes to be committed, or it is held back on purpose, so that some are. Not in a
 * container. Stops when closed or when the JVM ends.
 */
public final class FailoverCluster implements AutoCloseable {

	private final PostgresServer current = PostgresServer.of(new Current());

	private volatile PostgresServer primary;

	private StreamingStandby standby;

	/** The primary and the standby as they were before a failover. */
	private volatile List<PostgresServer> members;

	private boolean heldBack;

	private FailoverCluster(PostgresServer primary) {
		this.primary = primary;
		this.standby = StreamingStandby.of(primary);
		this.members = List.of(primary, this.standby.server());
	}

	/**
	 * Starts both.
	 * @param settings server settings on top of the defaults
	 * @return the running servers
	 */
	public static FailoverCluster start(Map<String, String> settings) {
		PostgresServer primary = PostgresServer.start(settings);
		try {
			return new FailoverCluster(primary);
		}
		catch (RuntimeException ex) {
			primary.close();
			throw ex;
		}
	}

	/**
	 * Returns the server that is the primary at the time of each call.
	 * @return a server whose port is another one after a failover
	 */
	public PostgresServer server() {
		return this.current;
	}

	/**
	 * Returns the URL of a database with which the driver finds the primary.
	 * @param database name of the database
	 * @return a URL that names both servers, with a parameter
	 */
	public String primaryUrl(String database) {
		return url(this.members.get(0), this.members.get(1), database) + "?targetServerType=primary";
	}

	/**
	 * Returns the URL of a database with which the driver finds the standby, as long as
	 * it is one.
	 * @param database name of the database
	 * @return a URL that names both servers, without parameters
	 */
	public String standbyFirstUrl(String database) {
		return url(this.members.get(1), this.members.get(0), database);
	}

	private static String url(PostgresServer first, PostgresServer second, String database) {
		return String.format(Locale.ROOT, "jdbc:postgresql://%s:%d,%s:%d/%s", first.host(), first.port(), second.host(),
				second.port(), database);
	}

	/**
	 * Starts a pgpool-II before both, which follows the failover. It leaves the promotion
	 * to others, and detaches a server only if that does not answer its health check.
	 * What a session asks the catalog before a statement that has to wait would else keep
	 * out all clients that connect meanwhile, by the lock of the cache that is shared.
	 * @return the running process
	 */
	public Pgpool pgpool() {
		PostgresServer second = this.standby.server();
		return Pgpool.start(this.primary, "backend_hostname1 = '" + second.host() + "'",
				"backend_port1 = " + second.port(), "backend_flag1 = 'ALLOW_TO_FAILOVER'", "num_init_children = 24",
				"max_pool = 1", "connection_cache = off", "enable_shared_relcache = off",
				"failover_on_backend_error = off", "failover_on_backend_shutdown = off",
				"health_check_user = 'postgres'", "health_check_database = 'postgres'", "health_check_period = 1",
				"health_check_timeout = 5", "health_check_max_retries = 0");
	}

	/**
	 * Has the standby follow the primary again: there is a new one after a failover, and
	 * after replication was held back. The primary does not wait for it.
	 */
	public void renew() {
		replicateAsynchronously();
		if (this.heldBack || this.primary == this.standby.server()) {
			for (PostgresServer member : this.members) {
				if (member != this.primary) {
					member.close();
				}
			}
			// those of the old standby keep what nobody needs any more
			await("NOT EXISTS (SELECT 1 FROM pg_replication_slots WHERE active)");
			onPrimary("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots");
			this.heldBack = false;
			this.standby = StreamingStandby.of(this.primary);
			this.members = List.of(this.primary, this.standby.server());
		}
	}

	/** Waits until the standby shows what was committed before the call. */
	public void awaitReplay() {
		this.standby.awaitReplay();
	}

	/**
	 * From now on, what a client believes to be committed is there after a failover.
	 */
	public void replicateSynchronously() {
		onPrimary(
				String.format(Locale.ROOT, "ALTER SYSTEM SET synchronous_standby_names = '%s'", StreamingStandby.NAME),
				"SELECT pg_reload_conf()");
		// it is so once the server has read its files again, and the standby has caught
		// up
		await("EXISTS (SELECT 1 FROM pg_stat_replication WHERE state = 'streaming' AND sync_state = 'sync')");
	}

	private void replicateAsynchronously() {
		onPrimary("ALTER SYSTEM RESET synchronous_standby_names", "SELECT pg_reload_conf()");
		await("NOT EXISTS (SELECT 1 FROM pg_stat_replication WHERE sync_state <> 'async')");
	}

	/**
	 * Lets the standby have all that was committed until now, and nothing of what comes
	 * later.
	 */
	public void holdBack() {
		this.standby.awaitReplay();
		this.heldBack = true;
		execute(this.standby.server(), "ALTER SYSTEM SET primary_conninfo = ''", "SELECT pg_reload_conf()");
		await("NOT EXISTS (SELECT 1 FROM pg_stat_replication)");
	}

	/**
	 * Returns whether a failover would lose what was committed last.
	 * @return whether replication was held back
	 */
	public boolean isHeldBack() {
		return this.heldBack;
	}

	/** Stops the primary, which does not come back. */
	public void stopPrimary() {
		this.primary.stop(StopMode.IMMEDIATE);
	}

	/** Makes the standby the primary. */
	public void promote() {
		this.standby.promote();
		this.primary = this.standby.server();
	}

	private void onPrimary(String... statements) {
		execute(this.primary, statements);
	}

	private static void execute(PostgresServer server, String... statements) {
		try (Connection connection = server.connect("postgres"); Statement statement = connection.createStatement()) {
			for (String sql : statements) {
				statement.execute(sql);
			}
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

	/** Waits until the primary says that a condition holds. */
	private void await(String condition) {
		try (Connection connection = this.primary.connect("postgres")) {
			StreamingStandby.await(connection, condition);
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

	@Override
	public void close() {
		RuntimeException failure = null;
		for (PostgresServer server : this.members) {
			try {
				server.close();
			}
			catch (RuntimeException ex) {
				failure = ex;
			}
		}
		if (failure != null) {
			throw failure;
		}
	}

	/**
	 * The primary of the moment.
	 */
	private final class Current implements RunningServer {

		@Override
		public String host() {
			return FailoverCluster.this.primary.host();
		}

		@Override
		public int port() {
			return FailoverCluster.this.primary.port();
		}

		@Override
		public void stop(String mode) {
			FailoverCluster.this.primary.stop(StopMode.valueOf(mode.toUpperCase(Locale.ROOT)));
		}

		@Override
		public void startAgain() {
			FailoverCluster.this.primary.startAgain();
		}

		@Override
		public void signal(String signal) {
			throw new UnsupportedOperationException("Send it to one of the servers");
		}

		@Override
		public void close() {
			FailoverCluster.this.close();
		}

	}

}
