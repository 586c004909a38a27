package io.github.headlock.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;

import javax.sql.DataSource;

import io.github.headlock.PrintableText;
import org.flywaydb.core.api.configuration.Configuration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.boot.jdbc.DatabaseDriver;
import org.springframework.util.PropertyPlaceholderHelper;

/**
 * Opens the connections of a migration: the short ones that look and the one that holds
 * the lock here, Flyway's own through {@link #dataSource()}. They are unpooled where the
 * data source can be taken apart, so that a pool of size 1 is enough and waiting replicas
 * do not fill their pools.
 */
public final class MigrationConnections {

	private static final Logger logger = LoggerFactory.getLogger(MigrationConnections.class);

	/** Flyway's data source as the application has configured it. */
	private final DataSource given;

	private final DataSource dataSource;

	private final @Nullable String initSql;

	private final String description;

	private MigrationConnections(DataSource given, DataSource dataSource, @Nullable String initSql,
			String description) {
		this.given = given;
		this.dataSource = dataSource;
		this.initSql = initSql;
		this.description = PrintableText.name(description);
	}

	/**
	 * Prepares the connections without opening one.
	 * @param configuration Flyway's configuration
	 * @return the connections
	 */
	public static MigrationConnections of(Configuration configuration) {
		DataSource given = configuration.getDataSource();
		Optional<UnpooledDataSource> unpooled = UnpooledDataSource.derivedFrom(given);
		String url = UnpooledDataSource.url(given);
		String description = (url != null) ? UnpooledDataSource.describe(url) : given.getClass().getName();
		if (unpooled.isEmpty()) {
			logger.info("Migrations take their connections from {}, because none like them can be opened beside it; "
					+ "if it is a pool, it must have at least two, or three with callbacks or headlock.sessions",
					given.getClass().getName());
		}
		DataSource dataSource = unpooled.map(DataSource.class::cast).orElse(given);
		return new MigrationConnections(given, dataSource, initSql(configuration), description);
	}

	/**
	 * Returns the same connections for a server that is known by now: each is opened with
	 * a round trip less, unless a pooler is between. With that round trip the driver
	 * waits for one of the pooler's connections, where it can be interrupted, and in a
	 * later statement it cannot.
	 * @param server the facts of the server, which is PostgreSQL
	 * @return the connections
	 */
	public MigrationConnections to(ServerFacts server) {
		return (areUnpooled() && !server.pooler()) ? UnpooledDataSource.toPostgreSql(this.given)
			.map((source) -> new MigrationConnections(this.given, source, this.initSql, this.description))
			.orElse(this) : this;
	}

	/**
	 * Finds a data source that opens a connection of its own at each call, otherwise like
	 * another one.
	 * @param source the other one
	 * @return the data source, empty if the other one cannot be taken apart
	 */
	public static Optional<DataSource> unpooled(DataSource source) {
		return UnpooledDataSource.derivedFrom(source).map(DataSource.class::cast);
	}

	/**
	 * Returns whether the URL alone tells that this is not PostgreSQL, so that no
	 * connection needs to be opened to find out.
	 * @param configuration Flyway's configuration
	 * @return {@code false} if it is PostgreSQL or cannot be told from the URL
	 */
	public static boolean isOtherDatabase(Configuration configuration) {
		DatabaseDriver driver = DatabaseDriver.fromJdbcUrl(UnpooledDataSource.url(configuration.getDataSource()));
		return switch (driver) {
			case POSTGRESQL, TESTCONTAINERS, AWS_WRAPPER, UNKNOWN -> false;
			default -> true;
		};
	}

	private static @Nullable String initSql(Configuration configuration) {
		String sql = configuration.getInitSql();
		if (sql == null || !configuration.isPlaceholderReplacement()) {
			return sql;
		}
		return new PropertyPlaceholderHelper(configuration.getPlaceholderPrefix(), configuration.getPlaceholderSuffix(),
				null, null, true)
			.replacePlaceholders(sql, configuration.getPlaceholders()::get);
	}

	/**
	 * Opens a connection in autocommit mode for Headlock's own statements, with Flyway's
	 * initial SQL run on it. No read on it blocks for longer than 10 seconds.
	 * @return the connection, which the caller closes
	 * @throws SQLException if none can be had
	 */
	public Connection open() throws SQLException {
		return ReadConnection.of(this.dataSource.getConnection(), this.initSql);
	}

	/**
	 * Takes a connection for one read by a probe: the application's own, so that a probe
	 * needs no connection that the application does not need as well. It is a separate
	 * one, where it can be, with initial SQL, which must not reach the application's
	 * connections, and where Flyway has a data source of its own: its pool would tell
	 * that its credentials are refused only after its connection timeout. The credentials
	 * are those that the data source has now. Nothing is executed on it before it is
	 * prepared, so that it can be taken on one thread and be used on another.
	 * @param isApplications whether Flyway's data source is the application's
	 * @return the connection, which the caller prepares and closes
	 * @throws SQLException if none can be had
	 */
	public Connection borrow(boolean isApplications) throws SQLException {
		return ReadConnection.restored(lender(isApplications).getConnection());
	}

	/**
	 * Prepares a connection that was borrowed for its read.
	 * @param borrowed the connection, which is in autocommit mode then
	 * @param readTimeout longest that the read may go without an answer, at least 1 ms
	 * @throws SQLException if it is lost
	 */
	public void prepare(Connection borrowed, Duration readTimeout) throws SQLException {
		ReadConnection.prepare(borrowed, readTimeout, this.initSql);
	}

	private DataSource lender(boolean isApplications) {
		boolean ownOnly = !isApplications || this.initSql != null || UnpooledDataSource.isUnpooled(this.given);
		return ownOnly ? unpooled(this.given).orElse(this.given) : this.given;
	}

	/**
	 * Returns whether another thread may get other connections, or none, as from a data
	 * source that routes by the current tenant.
	 * @return {@code false} if the data source is known to treat all threads alike
	 */
	public boolean mayBeBoundToThread() {
		return mayBeBoundToThread(this.given);
	}

	/**
	 * Returns whether another thread may get other connections of a data source.
	 * @param source the data source
	 * @return {@code false} if it is known to treat all threads alike
	 */
	public static boolean mayBeBoundToThread(DataSource source) {
		return !UnpooledDataSource.isUnpooled(source) && !UnpooledDataSource.isHikari(source);
	}

	/**
	 * Returns whether these connections are of a data source, with its credentials.
	 * @param source the data source
	 * @return {@code false} if Flyway has a data source of its own
	 */
	public boolean areOf(DataSource source) {
		return this.given == source;
	}

	/**
	 * Returns how long the pool that these connections are opened beside would wait for a
	 * database that cannot be reached yet.
	 * @return the time, zero if it would not, or waits itself
	 */
	public Duration poolPatience() {
		return areUnpooled() ? UnpooledDataSource.patience(this.given) : Duration.ZERO;
	}

	/**
	 * Makes sure, while one connection is taken, that there are as many at a time as are
	 * needed, so that nobody waits for one that he holds himself.
	 * @param needed number of connections, the one that is taken included
	 * @param atMost longest wait for the others, which is 30 seconds in any case
	 * @throws io.github.headlock.jdbc.PoolTooSmallException if they come from a pool that
	 * gives fewer
	 * @throws io.github.headlock.waiting.StartInterruptedException if this thread is
	 * interrupted
	 */
	public void ensureAtLeast(int needed, Duration atMost) {
		if (!areUnpooled()) {
			new PoolCapacity(this.given).ensureAtLeast(needed, atMost);
		}
	}

	/**
	 * Has connections that are opened from now on go to a primary where the URL lists
	 * several hosts and one of them is a primary, Flyway's included. A
	 * {@code targetServerType} that the application has set is kept.
	 * @return whether another connection may reach a primary after one has reached a
	 * standby; {@code false} if there is one host, the URL is not known, or the
	 * application asks for standbys
	 */
	public boolean preferPrimary() {
		return this.dataSource instanceof UnpooledDataSource unpooled && unpooled.targetServer().preferPrimary();
	}

	/**
	 * Has connections that are opened from now on go to nothing but the primary where the
	 * URL lists several hosts, Flyway's included, because this process has seen one: a
	 * primary that is crowded or gone for a moment is waited for, and no standby taken in
	 * its place. A {@code targetServerType} that the application has set is kept.
	 */
	public void requirePrimary() {
		if (this.dataSource instanceof UnpooledDataSource unpooled) {
			unpooled.targetServer().requirePrimary();
		}
	}

	/**
	 * Returns the data source for Flyway.
	 * @return the data source behind these connections
	 */
	public DataSource dataSource() {
		return this.dataSource;
	}

	/**
	 * Returns whether each connection is opened when it is asked for and ended when it is
	 * closed.
	 * @return {@code false} if they may come from a pool
	 */
	public boolean areUnpooled() {
		return this.dataSource instanceof UnpooledDataSource;
	}

	/**
	 * Describes where the connections go, without credentials or parameters.
	 * @return the JDBC URL up to its parameters, or the name of the data source's class
	 */
	@Override
	public String toString() {
		return this.description;
	}

}
