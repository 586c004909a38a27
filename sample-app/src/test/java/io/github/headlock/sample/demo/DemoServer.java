package io.github.headlock.sample.demo;

import java.util.Map;
import java.util.Optional;

import io.github.headlock.testbed.PgBouncer;
import io.github.headlock.testbed.PostgresServer;

/**
 * A new PostgreSQL, behind a PgBouncer where the machine has one.
 */
final class DemoServer implements AutoCloseable {

	/**
	 * One for the lock, one for Flyway, and one through which all the others look. With
	 * two it works as well, but those who wait then do so in PgBouncer's queue, where the
	 * timeline could not show it.
	 */
	private static final int POOL_SIZE = 3;

	private final PostgresServer server;

	private final Optional<PgBouncer> pooler;

	private DemoServer(PostgresServer server, Optional<PgBouncer> pooler) {
		this.server = server;
		this.pooler = pooler;
	}

	static DemoServer start() {
		PostgresServer server = PostgresServer.start(Map.of("max_connections", "300"));
		try {
			return new DemoServer(server,
					PgBouncer.isInstalled() ? Optional.of(PgBouncer.start(server, POOL_SIZE)) : Optional.empty());
		}
		catch (RuntimeException ex) {
			server.close();
			throw ex;
		}
	}

	DemoDatabase createDatabase(String name) {
		this.server.createDatabase(name);
		// older releases of PgBouncer know no prepared statements
		return new DemoDatabase(this.server, name,
				this.pooler.map((pgBouncer) -> pgBouncer.url(name) + "?prepareThreshold=0")
					.orElseGet(() -> this.server.url(name)));
	}

	/** Lets a role in through the pooler, too. */
	void allow(String role) {
		this.pooler.ifPresent((pgBouncer) -> pgBouncer.allow(role));
	}

	/** How the replicas reach the database, in words. */
	String way() {
		return this.pooler.isPresent()
				? "through PgBouncer (transaction mode, %d server connections)".formatted(POOL_SIZE)
				: "without a pooler, because PgBouncer is not installed";
	}

	@Override
	public void close() {
		try (this.server) {
			this.pooler.ifPresent(PgBouncer::close);
		}
	}

}
