package io.github.headlock.jdbc;

import java.net.URI;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.testbed.CountingProxy;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.configuration.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.postgresql.Driver;
import org.postgresql.PGConnection;
import org.postgresql.ds.PGSimpleDataSource;

import org.springframework.jdbc.datasource.AbstractDataSource;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.datasource.LazyConnectionDataSourceProxy;
import org.springframework.jdbc.datasource.SimpleDriverDataSource;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;
import org.springframework.jdbc.datasource.UserCredentialsDataSourceAdapter;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Where the connections of a migration come from.
 */
class MigrationConnectionsTests {

	private final TestDatabase database = TestDatabase.create();

	@Test
	void aConnectionIsOpenedBesideThePoolWithItsSettings() throws Exception {
		try (HikariDataSource pool = hikari()) {
			pool.addDataSourceProperty("options", "-c work_mem=7MB");
			pool.setConnectionInitSql("SET statement_timeout = '9s'");
			pool.setSchema("pg_catalog");
			try (Connection connection = connections(new LazyConnectionDataSourceProxy(pool)).open()) {
				assertThat(show(connection, "work_mem")).isEqualTo("7MB");
				assertThat(show(connection, "statement_timeout")).isEqualTo("9s");
				assertThat(connection.getSchema()).isEqualTo("pg_catalog");
				assertThat(show(connection, "application_name")).startsWith("headlock ");
			}
			assertThat(pool.getHikariPoolMXBean()).isNull();
		}
	}

	@Test
	void anUnpooledDataSourceKeepsItsDriverProperties() throws Exception {
		DriverManagerDataSource given = new DriverManagerDataSource(this.database.url(), "postgres", "");
		Properties properties = new Properties();
		properties.setProperty("options", "-c work_mem=7MB");
		given.setConnectionProperties(properties);
		try (Connection connection = connections(given).open()) {
			assertThat(show(connection, "work_mem")).isEqualTo("7MB");
		}
	}

	@Test
	void theDriversOwnDataSourceKeepsItsSettings() throws Exception {
		PGSimpleDataSource given = new PGSimpleDataSource();
		given.setUrl(this.database.url());
		given.setUser("postgres");
		given.setOptions("-c work_mem=7MB");
		try (Connection connection = connections(given).open()) {
			assertThat(show(connection, "work_mem")).isEqualTo("7MB");
			assertThat(connection.unwrap(PGConnection.class).getPrepareThreshold()).isZero();
		}
	}

	@Test
	void aParameterOfTheUrlOverridesThatOfHeadlock() throws Exception {
		DriverManagerDataSource given = new DriverManagerDataSource(this.database.url() + "?ApplicationName=mine",
				"postgres", "");
		try (Connection connection = connections(given).open()) {
			assertThat(show(connection, "application_name")).isEqualTo("mine");
		}
	}

	@Test
	void aConnectionToAKnownServerTakesOneRoundTripLess() throws Exception {
		URI server = URI.create(this.database.url().substring("jdbc:".length()));
		try (CountingProxy proxy = CountingProxy.start(server.getHost(), server.getPort(), Duration.ZERO)) {
			MigrationConnections unknown = connections(
					new DriverManagerDataSource(proxy.url(this.database.name()), "postgres", ""));
			ServerFacts facts;
			List<String> settings;
			try (Connection connection = unknown.open()) {
				settings = sessionSettings(connection);
				facts = ServerFacts.read(connection);
			}
			int before = proxy.counts().turns();
			unknown.open().close();
			int ofUnknown = proxy.counts().turns() - before;
			try (Connection connection = unknown.to(facts).open()) {
				assertThat(proxy.counts().turns() - before - ofUnknown).isEqualTo(ofUnknown - 1);
				assertThat(sessionSettings(connection)).isEqualTo(settings)
					.contains("application_name=" + ApplicationName.ofThisProcess());
			}
		}
	}

	private static List<String> sessionSettings(Connection connection) throws SQLException {
		List<String> settings = new ArrayList<>();
		try (Statement statement = connection.createStatement();
				ResultSet row = statement.executeQuery("SELECT name || '=' || setting FROM pg_settings "
						+ "WHERE source IN ('client', 'session') ORDER BY 1")) {
			while (row.next()) {
				settings.add(row.getString(1));
			}
		}
		return settings;
	}

	@Test
	void behindAPoolerConnectionsAreOpenedAsBefore() throws Exception {
		MigrationConnections connections = connections(
				new DriverManagerDataSource(this.database.pooledUrl(), "postgres", ""));
		try (Connection connection = connections.open()) {
			assertThat(connections.to(ServerFacts.read(connection))).isSameAs(connections);
		}
	}

	@Test
	void aDataSourceThatCannotBeTakenApartIsUsedAsItIs() throws Exception {
		DriverManagerDataSource target = new DriverManagerDataSource(this.database.url(), "postgres", "");
		DataSource given = new AbstractDataSource() {

			@Override
			public Connection getConnection() throws SQLException {
				return target.getConnection();
			}

			@Override
			public Connection getConnection(String username, String password) throws SQLException {
				return target.getConnection(username, password);
			}

		};
		MigrationConnections connections = connections(given);
		assertThat(connections.dataSource()).isSameAs(given);
		assertThat(MigrationConnections.isOtherDatabase(configuration(given))).isFalse();
		try (Connection connection = connections.open()) {
			assertThat(connection.getAutoCommit()).isTrue();
		}
	}

	@Test
	void aWrapperThatDecidesWhichConnectionItIsStaysInPlace() throws Exception {
		String role = this.database.name() + "_role";
		this.database.execute("CREATE ROLE %s LOGIN".formatted(role));
		UserCredentialsDataSourceAdapter given = new UserCredentialsDataSourceAdapter();
		given.setTargetDataSource(new DriverManagerDataSource(this.database.url(), "postgres", ""));
		given.setUsername(role);
		given.setPassword("");
		try (Connection connection = connections(given).open()) {
			assertThat(ServerFacts.read(connection).user()).isEqualTo(role);
		}
	}

	@Test
	void whatIsTakenFromADataSourceComesBackAsItWas() throws Exception {
		// It gives the same connection again and again, and restores nothing.
		SingleConnectionDataSource given = new SingleConnectionDataSource(this.database.url(), "postgres", "", true);
		given.setAutoCommit(false);
		MigrationConnections connections = connections(given);
		try (Connection connection = connections.open()) {
			assertThat(connection.getAutoCommit()).isTrue();
			assertThat(connection.getNetworkTimeout()).isPositive();
			connection.setAutoCommit(false);
			connection.createStatement().execute("SELECT pg_advisory_xact_lock(5)");
		}
		try (Connection connection = connections.borrow(true)) {
			connections.prepare(connection, Duration.ofSeconds(1));
			assertThat(connection.getNetworkTimeout()).isEqualTo(1000);
		}
		assertThat(given.getConnection().getAutoCommit()).isFalse();
		assertThat(given.getConnection().getNetworkTimeout()).isZero();
		assertThat(this.database.advisoryLocks()).isZero();
		given.destroy();
	}

	@Test
	void theEndOfALongHostNameIsKept() {
		assertThat(ApplicationName.of("shop-7f9c5d6b8-abcde")).isEqualTo("headlock shop-7f9c5d6b8-abcde");
		assertThat(ApplicationName.of("shop-order-service-production-europe-west-canary-7f9c5d6b8-abcde")).hasSize(63)
			.startsWith("headlock ")
			.endsWith("-canary-7f9c5d6b8-abcde");
	}

	@ParameterizedTest
	@CsvSource({ "jdbc:h2:mem:other, true", "jdbc:oracle:thin:@//host/service, true",
			"jdbc:postgresql://host/database, false", "jdbc:tc:postgresql:18:///database, false",
			"jdbc:aws-wrapper:postgresql://host/database, false", "jdbc:unheard:of, false" })
	void anotherDatabaseIsKnownByItsUrl(String url, boolean other) {
		SimpleDriverDataSource given = new SimpleDriverDataSource(new Driver(), url);
		assertThat(MigrationConnections.isOtherDatabase(configuration(given))).isEqualTo(other);
	}

	@Test
	void onlyPostgresqlsOwnUrlsAreTakenApart() {
		// Testcontainers stops the database with the last connection that its driver
		// gave.
		SimpleDriverDataSource given = new SimpleDriverDataSource(new Driver(), "jdbc:tc:postgresql:18:///database");
		assertThat(connections(given).dataSource()).isSameAs(given);
	}

	@Test
	void theDescriptionHasNoCredentials() {
		SimpleDriverDataSource given = new SimpleDriverDataSource(new Driver(),
				"jdbc:postgresql://host/database?user=me&password=secret");
		MigrationConnections connections = connections(given);
		assertThat(connections).hasToString("jdbc:postgresql://host/database");
		assertThat(connections.dataSource()).hasToString("jdbc:postgresql://host/database");
	}

	private HikariDataSource hikari() {
		HikariDataSource pool = new HikariDataSource();
		pool.setJdbcUrl(this.database.url());
		pool.setUsername("postgres");
		return pool;
	}

	private static MigrationConnections connections(DataSource dataSource) {
		return MigrationConnections.of(configuration(dataSource));
	}

	private static Configuration configuration(DataSource dataSource) {
		return Flyway.configure().dataSource(dataSource);
	}

	private static String show(Connection connection, String setting) throws Exception {
		try (ResultSet row = connection.createStatement().executeQuery("SHOW " + setting)) {
			row.next();
			return row.getString(1);
		}
	}

}
