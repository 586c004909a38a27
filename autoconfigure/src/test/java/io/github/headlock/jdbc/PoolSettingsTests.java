package io.github.headlock.jdbc;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.function.Consumer;

import com.zaxxer.hikari.HikariDataSource;
import io.github.headlock.test.TestDatabase;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Migrations reach the database that the pool reaches, in the same way.
 */
class PoolSettingsTests {

	private final TestDatabase database = TestDatabase.create();

	private final TestDatabase other = TestDatabase.create();

	@Test
	void aDataSourceClassBehindThePoolDecidesOnTheDatabase() throws Exception {
		try (HikariDataSource pool = pool((settings) -> {
			settings.setDataSourceClassName(PGSimpleDataSource.class.getName());
			settings.addDataSourceProperty("url", this.other.url());
		})) {
			assertThat(databaseOfMigrations(pool)).isEqualTo(this.other.name()).isEqualTo(database(pool));
		}
	}

	@Test
	void aDataSourceBehindThePoolDecidesOnTheDatabase() throws Exception {
		PGSimpleDataSource target = new PGSimpleDataSource();
		target.setUrl(this.other.url());
		target.setUser("postgres");
		try (HikariDataSource pool = pool((settings) -> settings.setDataSource(target))) {
			assertThat(databaseOfMigrations(pool)).isEqualTo(this.other.name()).isEqualTo(database(pool));
		}
	}

	@Test
	void aPoolThatMakesConnectionsReadOnlyIsUsedItself() throws Exception {
		try (HikariDataSource pool = pool((settings) -> settings.setReadOnly(true));
				Connection connection = connections(pool).open()) {
			assertThat(connection.isReadOnly()).isTrue();
		}
	}

	@Test
	void theIsolationOfThePoolIsCarriedOver() throws Exception {
		for (String name : new String[] { "TRANSACTION_REPEATABLE_READ", "transaction_repeatable_read", "4" }) {
			try (HikariDataSource pool = pool((settings) -> settings.setTransactionIsolation(name));
					Connection connection = connections(pool).open()) {
				assertThat(connection.getTransactionIsolation()).isEqualTo(Connection.TRANSACTION_REPEATABLE_READ);
				assertThat(pool.getHikariPoolMXBean()).as("not opened").isNull();
			}
		}
	}

	@Test
	void aDriverPropertyThatIsNoTextIsCarriedOver() throws Exception {
		try (HikariDataSource pool = pool((settings) -> settings.getDataSourceProperties().put("socketTimeout", 7));
				Connection connection = connections(pool).dataSource().getConnection()) {
			assertThat(connection.getNetworkTimeout()).isEqualTo(7000);
		}
	}

	@Test
	void credentialsThatChangeAreThoseOfNow() throws Exception {
		String role = this.database.name() + "_role";
		this.database.execute("CREATE ROLE %s LOGIN".formatted(role));
		try (HikariDataSource pool = pool((settings) -> {
		})) {
			MigrationConnections connections = connections(pool);
			pool.setUsername(role);
			try (Connection connection = connections.open()) {
				assertThat(text(connection, "SELECT current_user")).isEqualTo(role);
			}
		}
	}

	private HikariDataSource pool(Consumer<HikariDataSource> settings) {
		HikariDataSource pool = new HikariDataSource();
		pool.setJdbcUrl(this.database.url());
		pool.setUsername("postgres");
		settings.accept(pool);
		return pool;
	}

	private static MigrationConnections connections(HikariDataSource pool) {
		return MigrationConnections.of(Flyway.configure().dataSource(pool));
	}

	private static String databaseOfMigrations(HikariDataSource pool) throws SQLException {
		try (Connection connection = connections(pool).open()) {
			return text(connection, "SELECT current_database()");
		}
	}

	private static String database(HikariDataSource pool) throws SQLException {
		try (Connection connection = pool.getConnection()) {
			return text(connection, "SELECT current_database()");
		}
	}

	private static String text(Connection connection, String sql) throws SQLException {
		try (Statement statement = connection.createStatement(); ResultSet row = statement.executeQuery(sql)) {
			row.next();
			return row.getString(1);
		}
	}

}
