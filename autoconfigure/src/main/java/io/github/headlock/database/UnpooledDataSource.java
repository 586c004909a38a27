package io.github.headlock.database;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import java.util.Properties;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

import org.springframework.boot.jdbc.DataSourceBuilder;
import org.springframework.boot.jdbc.DataSourceUnwrapper;
import org.springframework.jdbc.datasource.AbstractDriverBasedDataSource;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.jdbc.datasource.SimpleDriverDataSource;
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

	private final String url;

	private final @Nullable String initSql;

	private UnpooledDataSource(SimpleDriverDataSource target, @Nullable String initSql) {
		super(target);
		this.url = String.valueOf(target.getUrl());
		this.initSql = initSql;
	}

	/**
	 * Derives an unpooled data source.
	 * @param source the data source to take everything from
	 * @return the derived one; empty if the URL, the driver or the credentials cannot be
	 * found out, or if the URL is none of the PostgreSQL driver's own
	 */
	static Optional<UnpooledDataSource> derivedFrom(DataSource source) {
		SimpleDriverDataSource target = driverDataSource(source);
		if (target == null || target.getUrl() == null || !target.getUrl().startsWith(POSTGRESQL)) {
			return Optional.empty();
		}
		Properties properties = new Properties();
		properties.setProperty("ApplicationName", ApplicationName.ofThisProcess());
		String initSql = null;
		DataSource root = DataSourceUnwrapper.unwrapRoot(source);
		if (root instanceof AbstractDriverBasedDataSource driverBased) {
			addAll(properties, driverBased.getConnectionProperties());
			target.setSchema(driverBased.getSchema());
		}
		else if (HIKARI && root instanceof HikariDataSource pool) {
			if (pool.getCredentialsProvider() != null) {
				return Optional.empty();
			}
			addAll(properties, pool.getDataSourceProperties());
			target.setSchema(pool.getSchema());
			initSql = pool.getConnectionInitSql();
		}
		target.setConnectionProperties(properties);
		return Optional.of(new UnpooledDataSource(target, initSql));
	}

	/**
	 * Finds out the URL of a data source without opening a connection.
	 * @param source the data source
	 * @return the URL, {@code null} if it cannot be found out
	 */
	static @Nullable String url(DataSource source) {
		SimpleDriverDataSource target = driverDataSource(source);
		return (target != null) ? target.getUrl() : null;
	}

	private static @Nullable SimpleDriverDataSource driverDataSource(DataSource source) {
		try {
			return DataSourceBuilder.derivedFrom(source).type(SimpleDriverDataSource.class).build();
		}
		catch (RuntimeException ex) {
			// Boot knows no way to take this kind of data source apart
			return null;
		}
	}

	private static void addAll(Properties target, @Nullable Properties source) {
		if (source != null) {
			source.stringPropertyNames().forEach((name) -> target.setProperty(name, source.getProperty(name)));
		}
	}

	@Override
	public Connection getConnection() throws SQLException {
		Connection connection = super.getConnection();
		try {
			// Migrations gain nothing from server-prepared statements, which break behind
			// PgBouncer before 1.21. Not a property, as the URL would outweigh that.
			connection.unwrap(PGConnection.class).setPrepareThreshold(0);
			if (this.initSql != null) {
				try (Statement statement = connection.createStatement()) {
					statement.execute(this.initSql);
				}
			}
			return connection;
		}
		catch (SQLException ex) {
			JdbcUtils.closeConnection(connection);
			throw ex;
		}
	}

	@Override
	public String toString() {
		return this.url;
	}

}
