package io.github.headlock.startup;

import java.sql.SQLException;
import java.time.Duration;
import java.util.Locale;

import io.github.headlock.jdbc.ConnectionFailure;
import io.github.headlock.jdbc.DatabaseUnavailableException;
import io.github.headlock.jdbc.MigrationConnections;
import io.github.headlock.jdbc.RootCause;
import io.github.headlock.waiting.Backoff;
import io.github.headlock.waiting.Deadline;
import io.github.headlock.waiting.ReportInterval;
import org.flywaydb.core.api.configuration.Configuration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks for the first connection of a start until there is one. To be used once.
 */
final class FirstContactPolling {

	private static final Logger logger = LoggerFactory.getLogger(FirstContactPolling.class);

	private final MigrationConnections connections;

	private final Configuration configuration;

	private final Duration pollInterval;

	private final Deadline deadline;

	private final Duration loginPatience;

	private final ReportInterval reports = ReportInterval.fromTheBeginning();

	/** As long as the application's pool would ask again. */
	private Deadline pool;

	/** Number of Flyway's connect retries that were made. */
	private int retries;

	/** Begins when the login was refused first. */
	private @Nullable Deadline login;

	/**
	 * Prepares to ask.
	 * @param connections where to get a connection
	 * @param configuration Flyway's configuration
	 * @param pollInterval mean pause between two requests to a crowded server
	 * @param deadline bound of the wait for a crowded server
	 * @param loginPatience longest wait for the end of the migration that blocks the
	 * login of this role, zero for a process that does not wait for migrations
	 */
	FirstContactPolling(MigrationConnections connections, Configuration configuration, Duration pollInterval,
			Deadline deadline, Duration loginPatience) {
		this.connections = connections;
		this.configuration = configuration;
		this.pollInterval = pollInterval;
		this.deadline = deadline;
		this.loginPatience = loginPatience;
		this.pool = Deadline.in(connections.poolPatience());
	}

	/**
	 * Reaches the database. One that is there but crowded or still starting, or that has
	 * no primary at the moment, is asked again until the deadline, and one that blocks
	 * the login of this role for as long as this process waits for migrations. Any other
	 * failure is answered as the application's pool and Flyway would, and no longer: the
	 * pool asks again for as long as it is set to, at each of Flyway's connect retries,
	 * with Flyway's pauses between them: 1, 2, 4 seconds and so on.
	 * @return the contact, which the caller closes
	 * @throws DatabaseUnavailableException if it cannot be reached
	 * @throws io.github.headlock.waiting.StartInterruptedException if this thread was
	 * interrupted
	 */
	FirstContact await() {
		try (Backoff backoff = new Backoff("waiting for the database at " + this.connections)) {
			while (true) {
				try {
					return FirstContact.open(this.connections, this.configuration).after(this.login);
				}
				catch (SQLException ex) {
					backoff.throwIfInterrupted(ex);
					pause(ex, backoff);
				}
			}
		}
	}

	private void pause(SQLException failure, Backoff backoff) {
		ConnectionFailure kind = ConnectionFailure.of(failure);
		Deadline bound = bound(kind);
		if (!bound.isOver()) {
			report(failure, kind);
			backoff.sleepWithJitter(kind.shortestPause(), this.pollInterval, bound.remaining());
		}
		else if (this.retries < this.configuration.getConnectRetries()) {
			report(failure, kind);
			backoff.sleep(Duration
				.ofSeconds(Math.min(1L << Math.min(this.retries, 30), this.configuration.getConnectRetriesInterval())));
			this.retries++;
			this.pool = Deadline.in(this.connections.poolPatience());
		}
		else {
			throw new DatabaseUnavailableException(this.connections.toString(), problem(kind), failure);
		}
	}

	private Deadline bound(ConnectionFailure kind) {
		Deadline waiting = switch (kind) {
			case NOT_NOW -> waitsForMigration() ? login() : this.deadline;
			case BLOCKED_LOGIN -> login();
			case UNREACHABLE -> waitsForMigration() ? login() : this.pool;
			case PERMANENT -> this.pool;
		};
		return waiting.isOver() ? this.pool : waiting;
	}

	/** From then on, a pooler that remembers the refusal or a restart ends nothing. */
	private boolean waitsForMigration() {
		return this.login != null && !this.login.timeout().isZero();
	}

	private Deadline login() {
		Deadline begun = this.login;
		if (begun == null) {
			begun = Deadline.in(this.loginPatience);
			this.login = begun;
		}
		return begun;
	}

	private void report(SQLException failure, ConnectionFailure kind) {
		if (!this.reports.isDue(this.deadline.stopwatch().elapsed())) {
			return;
		}
		if (kind == ConnectionFailure.BLOCKED_LOGIN && !login().isOver()) {
			logger.warn("The database at {} refuses the login, trying again for at most {}: {}", this.connections,
					login(), RootCause.describe(failure));
		}
		else {
			logger.warn("The database at {} takes no connection yet, trying again: {}", this.connections,
					RootCause.explain(failure));
		}
	}

	private String problem(ConnectionFailure kind) {
		return switch (kind) {
			case NOT_NOW, UNREACHABLE -> "The database cannot be reached";
			case BLOCKED_LOGIN -> login().timeout().isZero() ? "The database refuses the login"
					: String.format(Locale.ROOT, "The database has refused the login for %s", login());
			case PERMANENT -> "The database cannot be used";
		};
	}

}
