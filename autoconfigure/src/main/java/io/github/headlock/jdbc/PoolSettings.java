package io.github.headlock.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.Properties;

import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.util.IsolationLevel;
import org.jspecify.annotations.Nullable;

/**
 * Tells what HikariCP adds to the connections of its driver. Needs HikariCP on the class
 * path.
 *
 * @param pool the pool, which is not opened
 */
record PoolSettings(HikariDataSource pool) {

	/**
	 * Whether a connection of the driver can be made like the pool's own. It cannot where
	 * the pool gets them from another data source, which then decides on the database and
	 * its credentials, whatever the URL says, or where it makes them read-only.
	 */
	boolean canBeTakenOver() {
		return this.pool.getDataSource() == null && this.pool.getDataSourceClassName() == null
				&& this.pool.getCredentialsProvider() == null && this.pool.getCredentialsProviderClassName() == null
				&& !this.pool.isReadOnly();
	}

	/** As HikariCP gives them to the driver, also those that are no text. */
	void addDriverProperties(Properties target) {
		this.pool.getDataSourceProperties()
			.forEach((name, value) -> target.setProperty(name.toString(), value.toString()));
	}

	/**
	 * How long the pool waits at its first use for a database that cannot be reached: by
	 * default, which is 1 ms, not at all.
	 */
	Duration patience() {
		long failTimeout = this.pool.getInitializationFailTimeout();
		if (failTimeout <= 0) {
			return Duration.ofMillis(this.pool.getConnectionTimeout());
		}
		return (failTimeout > 1) ? Duration.ofMillis(failTimeout) : Duration.ZERO;
	}

	/** Opens nothing, and sets what the pool would. */
	void applyTo(Connection connection) throws SQLException {
		OptionalInt isolation = isolation(this.pool.getTransactionIsolation());
		if (isolation.isPresent()) {
			connection.setTransactionIsolation(isolation.getAsInt());
		}
	}

	/** A name such as TRANSACTION_SERIALIZABLE, or its number in {@link Connection}. */
	private static OptionalInt isolation(@Nullable String name) throws SQLException {
		if (name == null) {
			return OptionalInt.empty();
		}
		try {
			return OptionalInt.of(IsolationLevel.valueOf(name.toUpperCase(Locale.ROOT)).getLevelId());
		}
		catch (IllegalArgumentException ex) {
			try {
				return OptionalInt.of(Integer.parseInt(name));
			}
			catch (NumberFormatException noNumber) {
				throw new SQLException(
						"spring.datasource.hikari.transaction-isolation: there is no isolation level " + name, "22023");
			}
		}
	}

}
