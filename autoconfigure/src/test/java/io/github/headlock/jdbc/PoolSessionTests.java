package io.github.headlock.jdbc;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Hashtable;
import java.util.List;
import java.util.stream.Stream;

import javax.naming.Context;
import javax.naming.InitialContext;
import javax.naming.NamingException;
import javax.naming.spi.InitialContextFactory;
import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.util.Credentials;
import io.github.headlock.test.Replica;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.testbed.TestMigrations;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.postgresql.ds.PGSimpleDataSource;

import org.springframework.aop.framework.ProxyFactory;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jdbc.autoconfigure.JndiDataSourceAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.jdbc.datasource.LazyConnectionDataSourceProxy;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Whole starts with data sources of many kinds: a migration finds the database, the role
 * and the session that it finds with plain Spring Boot and Flyway.
 */
class PoolSessionTests {

	private static final String TABLE_OF_WHAT_IS_SEEN = """
			CREATE TABLE public.seen AS SELECT current_user::text AS role, current_schema()::text AS schema,
				current_setting('transaction_isolation') AS isolation, current_setting('work_mem') AS memory,
				current_setting('statement_timeout') AS timeout
			""";

	private static final List<HikariDataSource> POOLS = new ArrayList<>();

	private final TestMigrations migrations;

	PoolSessionTests(@TempDir Path folder) {
		this.migrations = new TestMigrations(folder);
		this.migrations.file("V1__seen.sql", TABLE_OF_WHAT_IS_SEEN);
	}

	@AfterEach
	void closePools() {
		POOLS.forEach(HikariDataSource::close);
		POOLS.clear();
	}

	static Stream<Situation> situations() {
		return Stream.of(
				new Situation("another database behind the pool", (url, reached) -> pool(url, inner(reached)),
						"(postgres,public,\"read committed\",4MB,0)"),
				new Situation("a data source class behind the pool", (url, reached) -> {
					HikariDataSource pool = pool(url);
					pool.setDataSourceClassName(PGSimpleDataSource.class.getName());
					pool.addDataSourceProperty("url", reached.url());
					return pool;
				}, "(postgres,public,\"read committed\",4MB,0)"),
				new Situation("settings of the pool", (url, reached) -> {
					HikariDataSource pool = pool(reached);
					setEverything(pool);
					return pool;
				}, "(role,pooled,serializable,7MB,9s)"),
				new Situation("settings of the pool, and a database behind it", (url, reached) -> {
					HikariDataSource pool = pool(url, inner(reached));
					setEverything(pool);
					pool.setUsername(role(reached));
					return pool;
				}, "(role,pooled,serializable,4MB,9s)"),
				new Situation("credentials that have changed", (url, reached) -> {
					HikariDataSource pool = pool(reached);
					pool.setUsername("nobody_there");
					pool.getHikariConfigMXBean().setCredentials(Credentials.of(role(reached), ""));
					return pool;
				}, "(role,public,\"read committed\",4MB,0)"),
				new Situation("a credentials provider", (url, reached) -> {
					HikariDataSource pool = pool(reached);
					pool.setUsername("nobody_there");
					pool.setCredentialsProvider(() -> Credentials.of(role(reached), ""));
					return pool;
				}, "(role,public,\"read committed\",4MB,0)"), new Situation("a lazy proxy", (url, reached) -> {
					HikariDataSource pool = pool(reached);
					setEverything(pool);
					return new LazyConnectionDataSourceProxy(pool);
				}, "(role,pooled,serializable,7MB,9s)"),
				new Situation("a wrapper of the application", (url, reached) -> {
					HikariDataSource pool = pool(url, inner(reached));
					return new DelegatingDataSource(pool) {
					};
				}, "(postgres,public,\"read committed\",4MB,0)"),
				new Situation("a proxy of its class", (url, reached) -> proxy(pool(url, inner(reached)), true),
						"(postgres,public,\"read committed\",4MB,0)"),
				new Situation("a proxy of its interface", (url, reached) -> proxy(pool(url, inner(reached)), false),
						"(postgres,public,\"read committed\",4MB,0)"));
	}

	@ParameterizedTest
	@MethodSource("situations")
	void aMigrationFindsWhatItFindsWithPlainFlyway(Situation situation) {
		ApplicationContextRunner plain = runner("headlock.enabled=false");
		assertThat(seen(plain, situation)).containsExactly(situation.expected());
		assertThat(seen(runner(), situation)).containsExactly(situation.expected());
	}

	@Test
	void aReadOnlyPoolIsEnoughForASchemaAtHeadAndMigratesNothing() {
		for (String enabled : List.of("headlock.enabled=false", "headlock.enabled=true")) {
			TestDatabase database = TestDatabase.create();
			runner().withBean(DataSource.class, () -> pool(database))
				.run((context) -> assertThat(context).hasNotFailed());
			ApplicationContextRunner readOnly = runner(enabled).withBean(DataSource.class, () -> {
				HikariDataSource pool = pool(database);
				pool.setReadOnly(true);
				return pool;
			});
			readOnly.run((context) -> assertThat(context).hasNotFailed());
			this.migrations.file("V2__more.sql", "CREATE TABLE more (id int)");
			readOnly.run((context) -> assertThat(context).hasFailed()
				.getFailure()
				.hasStackTraceContaining("in a read-only transaction"));
			assertThat(database.history()).containsExactly("1");
			this.migrations.delete("V2__more.sql");
		}
	}

	@Test
	void aDataSourceFromJndiIsUsed() {
		Situation situation = situations().toList().get(0);
		System.setProperty(Context.INITIAL_CONTEXT_FACTORY, Naming.class.getName());
		try {
			for (String enabled : List.of("headlock.enabled=false", "headlock.enabled=true")) {
				TestDatabase url = TestDatabase.create();
				TestDatabase reached = TestDatabase.create();
				Naming.source = situation.maker().source(url, reached);
				runner(enabled).withConfiguration(AutoConfigurations.of(JndiDataSourceAutoConfiguration.class))
					.withPropertyValues("spring.datasource.jndi-name=java:comp/env/jdbc/shop")
					.run((context) -> assertThat(context).hasNotFailed());
				assertThat(seen(reached)).containsExactly(situation.expected());
			}
		}
		finally {
			System.clearProperty(Context.INITIAL_CONTEXT_FACTORY);
		}
	}

	private ApplicationContextRunner runner(String... properties) {
		return new ApplicationContextRunner().withUserConfiguration(Replica.Application.class)
			.withPropertyValues("spring.flyway.locations=" + this.migrations.location())
			.withPropertyValues(properties);
	}

	private static List<String> seen(ApplicationContextRunner runner, Situation situation) {
		TestDatabase url = TestDatabase.create();
		TestDatabase reached = TestDatabase.create();
		reached.execute("CREATE ROLE %s LOGIN".formatted(role(reached)),
				"GRANT CREATE ON SCHEMA public TO " + role(reached),
				"CREATE SCHEMA pooled AUTHORIZATION " + role(reached));
		runner.withBean(DataSource.class, () -> situation.maker().source(url, reached))
			.run((context) -> assertThat(context).hasNotFailed());
		assertThat(url.list("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace")).isEmpty();
		return seen(reached);
	}

	private static List<String> seen(TestDatabase reached) {
		return reached.list("SELECT replace(seen::text, '%s', 'role') FROM seen".formatted(role(reached)));
	}

	private static String role(TestDatabase database) {
		return database.name() + "_role";
	}

	private static void setEverything(HikariDataSource pool) {
		pool.setUsername(pool.getJdbcUrl().replaceFirst(".*/([a-z0-9_]+).*", "$1_role"));
		pool.setTransactionIsolation("TRANSACTION_SERIALIZABLE");
		pool.setConnectionInitSql("SET statement_timeout = '9s'");
		pool.setSchema("pooled");
		pool.setCatalog("ignored");
		pool.setAutoCommit(false);
		pool.addDataSourceProperty("options", "-c work_mem=7MB");
	}

	private static PGSimpleDataSource inner(TestDatabase reached) {
		PGSimpleDataSource inner = new PGSimpleDataSource();
		inner.setUrl(reached.url());
		inner.setUser("postgres");
		return inner;
	}

	private static HikariDataSource pool(TestDatabase url, DataSource inner) {
		HikariDataSource pool = pool(url);
		pool.setDataSource(inner);
		return pool;
	}

	private static HikariDataSource pool(TestDatabase url) {
		HikariDataSource pool = new HikariDataSource();
		POOLS.add(pool);
		pool.setJdbcUrl(url.url());
		pool.setUsername("postgres");
		pool.setMinimumIdle(0);
		return pool;
	}

	private static DataSource proxy(HikariDataSource pool, boolean ofClass) {
		ProxyFactory factory = new ProxyFactory(pool);
		factory.setProxyTargetClass(ofClass);
		return (DataSource) factory.getProxy();
	}

	record Situation(String name, Maker maker, String expected) {

		@Override
		public String toString() {
			return this.name;
		}

	}

	interface Maker {

		DataSource source(TestDatabase url, TestDatabase reached);

	}

	/** The one data source that can be looked up. */
	public static class Naming implements InitialContextFactory {

		private static DataSource source;

		@Override
		public Context getInitialContext(Hashtable<?, ?> environment) throws NamingException {
			return new InitialContext(true) {

				@Override
				public Object lookup(String name) {
					return source;
				}

			};
		}

	}

}
