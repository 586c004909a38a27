package io.github.headlock.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import java.util.regex.Pattern;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.ds.PGSimpleDataSource;

import org.springframework.boot.jdbc.DataSourceBuilder;
import org.springframework.jdbc.datasource.AbstractDriverBasedDataSource;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.datasource.LazyConnectionDataSourceProxy;
import org.springframework.jdbc.datasource.SimpleDriverDataSource;
import org.springframework.jdbc.datasource.TransactionAwareDataSourceProxy;
import org.springframework.jdbc.support.JdbcUtils;
import org.springframework.util.ClassUtils;

/**
 * Opens a connection of its own at each call, with the URL, credentials, driver and
 * driver properties of another data source. The application's pool stays untouched and,
 * if it was never used, unopened.
 */
final class UnpooledDataSource extends DelegatingDataSource {

	private static final String POSTGRESQL = "jdbc:postgresql:";

	private static final boolean HIKARI = ClassUtils.isPresent("com.zaxxer.hikari.HikariDataSource",
			UnpooledDataSource.class.getClassLoader());

	private static final Pattern USER_IN_URL = Pattern.compile("jdbc:postgresql://[^/?]*@");

	/** SQLSTATE of an invalid parameter value. */
	private static final String INVALID = "22023";

	private static final String WRONG_PASSWORD = "28P01";

	private final String url;

	/** The hosts of the URL if it has several, each alone. */
	private final List<UnpooledDataSource> hosts;

	/** The pool these connections are made like, {@code null} if there is none. */
	private final @Nullable HikariDataSource pool;

	private final TargetServer targetServer;

	private UnpooledDataSource(SimpleDriverDataSource target, @Nullable HikariDataSource pool) {
		super(target);
		this.url = String.valueOf(target.getUrl());
		this.pool = pool;
		this.targetServer = new TargetServer(this.url, Objects.requireNonNull(target.getConnectionProperties()));
		this.hosts = HostList.urls(this.url)
			.stream()
			.map((host) -> new UnpooledDataSource(withUrl(target, host), pool))
			.toList();
	}

	private static SimpleDriverDataSource withUrl(SimpleDriverDataSource source, String url) {
		SimpleDriverDataSource target = new SimpleDriverDataSource();
		target.setDriver(Objects.requireNonNull(source.getDriver()));
		target.setUrl(url);
		target.setUsername(source.getUsername());
		target.setPassword(source.getPassword());
		target.setSchema(source.getSchema());
		target.setConnectionProperties(source.getConnectionProperties());
		return target;
	}

	/**
	 * Derives an unpooled data source.
	 * @param source the data source to take everything from
	 * @return the derived one; empty if the kind of data source is not known to the last
	 * setting, or if the URL is none of the PostgreSQL driver's own
	 */
	static Optional<UnpooledDataSource> derivedFrom(DataSource source) {
		return derivedFrom(source, Map.of());
	}

	/**
	 * Derives one whose server is known to be PostgreSQL. The driver names the session
	 * with its login then, for which it needs to know that the server is none before 9.0,
	 * and not with a statement of its own.
	 */
	static Optional<UnpooledDataSource> toPostgreSql(DataSource source) {
		return derivedFrom(source, Map.of("assumeMinServerVersion", "9.0"));
	}

	private static Optional<UnpooledDataSource> derivedFrom(DataSource source, Map<String, String> more) {
		DataSource root = withoutNeutralWrappers(source);
		String url = url(root);
		if (url == null || !url.startsWith(POSTGRESQL)) {
			return Optional.empty();
		}
		Properties properties = new Properties();
		properties.setProperty("ApplicationName", ApplicationName.ofThisProcess());
		properties.putAll(more);
		SimpleDriverDataSource target = DataSourceBuilder.derivedFrom(root).type(SimpleDriverDataSource.class).build();
		HikariDataSource hikari = null;
		if (root instanceof AbstractDriverBasedDataSource driverBased) {
			addAll(properties, driverBased.getConnectionProperties());
			target.setSchema(driverBased.getSchema());
		}
		else if (HIKARI && root instanceof HikariDataSource pool) {
			new PoolSettings(pool).addDriverProperties(properties);
			target.setSchema(pool.getSchema());
			hikari = pool;
		}
		DriverTimeouts.addTo(properties, url);
		target.setConnectionProperties(properties);
		return Optional.of(new UnpooledDataSource(target, hikari));
	}

	/**
	 * Finds out the URL of a data source without opening a connection.
	 * @param source the data source
	 * @return the URL, {@code null} if the kind of data source is not known
	 */
	static @Nullable String url(DataSource source) {
		DataSource root = withoutNeutralWrappers(source);
		Class<?> type = root.getClass();
		if (type == SimpleDriverDataSource.class || type == DriverManagerDataSource.class) {
			return ((AbstractDriverBasedDataSource) root).getUrl();
		}
		if (type == PGSimpleDataSource.class) {
			return ((PGSimpleDataSource) root).getURL();
		}
		if (HIKARI && type == HikariDataSource.class && new PoolSettings((HikariDataSource) root).canBeTakenOver()) {
			return ((HikariDataSource) root).getJdbcUrl();
		}
		return null;
	}

	/** Whether the data source itself opens a connection at each call. */
	static boolean isUnpooled(DataSource source) {
		Class<?> type = withoutNeutralWrappers(source).getClass();
		return type == SimpleDriverDataSource.class || type == DriverManagerDataSource.class
				|| type == PGSimpleDataSource.class;
	}

	/** Whether the data source is a pool of HikariCP's own class. */
	static boolean isHikari(DataSource source) {
		return HIKARI && withoutNeutralWrappers(source).getClass() == HikariDataSource.class;
	}

	/**
	 * Looks behind Spring's wrappers that only decide when a connection is taken. Any
	 * other wrapper may decide which connection it is, with another role for example.
	 */
	private static DataSource withoutNeutralWrappers(DataSource source) {
		boolean neutral = source.getClass() == LazyConnectionDataSourceProxy.class
				|| source.getClass() == TransactionAwareDataSourceProxy.class;
		DataSource target = neutral ? ((DelegatingDataSource) source).getTargetDataSource() : null;
		return (target != null) ? withoutNeutralWrappers(target) : source;
	}

	private static void addAll(Properties target, @Nullable Properties source) {
		if (source != null) {
			source.stringPropertyNames().forEach((name) -> target.setProperty(name, source.getProperty(name)));
		}
	}

	/**
	 * Connects to the first host that can be used. If none can, tells of the one that is
	 * the most likely to be usable soon, whatever their order.
	 */
	private Connection connect() throws SQLException {
		SQLException failure;
		try {
			return connectByUrl();
		}
		catch (SQLException ex) {
			failure = ex;
		}
		for (UnpooledDataSource host : this.hosts) {
			if (ConnectionFailure.of(failure) == ConnectionFailure.NOT_NOW || isWrongPassword(failure)
					|| Thread.currentThread().isInterrupted()) {
				break;
			}
			try {
				return host.connectByUrl();
			}
			catch (SQLException ex) {
				failure = (ConnectionFailure.of(ex).compareTo(ConnectionFailure.of(failure)) < 0) ? ex : failure;
			}
		}
		throw failure;
	}

	/** The same everywhere, and another try may lock the role out. */
	private static boolean isWrongPassword(SQLException failure) {
		return WRONG_PASSWORD.equals(failure.getSQLState());
	}

	/** The driver takes such a user for a part of the host, and tells it in its error. */
	private Connection connectByUrl() throws SQLException {
		if (USER_IN_URL.matcher(this.url).lookingAt()) {
			throw new SQLException("The driver takes no user and password before the host of the URL; set "
					+ "spring.datasource.username and password, or spring.flyway.user and password", INVALID);
		}
		try {
			// the credentials of now, which may have changed since the pool was made
			return (this.pool != null) ? super.getConnection(this.pool.getUsername(), this.pool.getPassword())
					: super.getConnection();
		}
		catch (SQLException ex) {
			String message = ex.getMessage();
			if (message != null && message.contains(this.url)) {
				// not as a cause, because the URL may have a password in it
				throw new SQLException(message.replace(this.url, describe(this.url)), ex.getSQLState());
			}
			throw ex;
		}
	}

	/** Which of several hosts is taken from now on. */
	TargetServer targetServer() {
		return this.targetServer;
	}

	/**
	 * Describes a URL without what may be secret.
	 * @param url a JDBC URL
	 * @return the URL without user, password and parameters
	 */
	static String describe(String url) {
		return url.replaceFirst("[?;].*", "").replaceFirst("//[^/]*@", "//");
	}

	@Override
	public Connection getConnection() throws SQLException {
		Connection connection = connect();
		try {
			// Migrations gain nothing from server-prepared statements, which break behind
			// PgBouncer before 1.21. Not a property, as the URL would outweigh that.
			connection.unwrap(PGConnection.class).setPrepareThreshold(0);
			if (this.pool != null) {
				applyPool(connection, this.pool);
			}
			return connection;
		}
		catch (SQLException ex) {
			JdbcUtils.closeConnection(connection);
			throw ex;
		}
	}

	private static void applyPool(Connection connection, HikariDataSource pool) throws SQLException {
		new PoolSettings(pool).applyTo(connection);
		String initSql = pool.getConnectionInitSql();
		if (initSql != null) {
			try (Statement statement = connection.createStatement()) {
				statement.execute(initSql);
			}
		}
	}

	/** How long a data source waits at its first use for a database that comes late. */
	static Duration patience(DataSource source) {
		DataSource root = withoutNeutralWrappers(source);
		return (HIKARI && root instanceof HikariDataSource pool) ? new PoolSettings(pool).patience() : Duration.ZERO;
	}

	@Override
	public String toString() {
		return describe(this.url);
	}

}
