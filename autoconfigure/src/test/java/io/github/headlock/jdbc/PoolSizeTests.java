package io.github.headlock.jdbc;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Set;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import io.github.headlock.MigrationOutcome;
import io.github.headlock.SchemaReadyTask;
import io.github.headlock.SchemaStatus;
import io.github.headlock.test.Background;
import io.github.headlock.test.Replica;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.testbed.TestMigrations;
import org.apache.commons.dbcp2.BasicDataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.Driver;
import org.postgresql.ds.PGSimpleDataSource;

import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;
import org.springframework.jdbc.datasource.TransactionAwareDataSourceProxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

/**
 * Whole starts with a pool whose own connections migrations have to use: one that is too
 * small is refused before anything is changed.
 */
class PoolSizeTests {

	private final TestDatabase database = TestDatabase.create();

	private final TestMigrations migrations;

	PoolSizeTests(@TempDir Path folder) {
		this.migrations = new TestMigrations(folder);
		this.migrations.file("V1__a.sql", "CREATE TABLE thing (id int)");
		this.migrations.file("R__b.sql", "SELECT 1");
	}

	@Test
	void oneConnectionIsRefused() throws Exception {
		assertRefused(replica(DataSourceOfTheApplication.class, 1), 2, 1);
		assertRefused(dataSourceClass(1), 2, 1);
		assertFails(replica(DataSourceOfTheApplication.class, 1).plain());
	}

	@Test
	void twoConnectionsAreEnough() {
		assertThat(replica(DataSourceOfTheApplication.class, 2).startAndStop().outcome())
			.isEqualTo(MigrationOutcome.MIGRATED);
		assertThat(dataSourceClass(2).with("headlock.fast-path", "off").startAndStop().outcome())
			.isEqualTo(MigrationOutcome.MIGRATED);
	}

	@ParameterizedTest
	@ValueSource(strings = { "beforeMigrate", "afterVersioned", "beforeRepeatables", "afterMigrateApplied",
			"afterMigrateError", "afterMigrate" })
	void twoConnectionsAreRefusedWithACallbackThatRunsOnAConnectionOfItsOwn(String event) throws Exception {
		this.migrations.file(event + ".sql", "SELECT 1");
		assertRefused(dataSourceClass(2), 3, 2);
		assertThat(dataSourceClass(3).startAndStop().outcome()).isEqualTo(MigrationOutcome.MIGRATED);
	}

	@Test
	void plainFlywayFailsAtSuchACallbackAfterItHasMigrated() {
		this.migrations.file("afterMigrateApplied.sql", "SELECT 1");
		assertFails(replica(DataSourceOfTheApplication.class, 2).plain());
		assertThat(this.database.history()).contains("1");
	}

	@ParameterizedTest
	@ValueSource(strings = { "afterConnect", "beforeValidate", "beforeEachMigrate" })
	void twoConnectionsAreEnoughForACallbackThatNeedsNone(String event) {
		this.migrations.file(event + ".sql", "SELECT 1");
		assertThat(dataSourceClass(2).startAndStop().outcome()).isEqualTo(MigrationOutcome.MIGRATED);
		start(dataSourceClass(2).plain());
	}

	@Test
	void oneConnectionIsEnoughForASchemaAtHead() {
		dataSourceClass(2).startAndStop();
		assertThat(dataSourceClass(1).startAndStop().outcome()).isEqualTo(MigrationOutcome.FAST_PATH);
	}

	/** Its lock takes the first, and its work most likely another one. */
	@Test
	void oneConnectionIsRefusedForATaskOfOneProcessAtATime() throws Exception {
		Replica replica = dataSourceClass(2).with(Task.class);
		replica.startAndStop();
		assertThat(this.database.list("SELECT id FROM thing")).containsExactly("1");
		assertThat(Background.start(replica.with("pool.size", 1)::startAndStop).failure())
			.hasRootCauseInstanceOf(PoolTooSmallException.class);
		assertThat(this.database.list("SELECT id FROM thing")).containsExactly("1");
		assertThat(this.database.advisoryLocks()).isZero();
	}

	@Test
	void aWrappedPoolIsRefusedAsWell() throws Exception {
		assertRefused(replica(WrappedPool.class, 1), 2, 1);
		this.migrations.file("afterMigrate.sql", "SELECT 1");
		assertRefused(replica(WrappedPool.class, 2), 3, 2);
		assertThat(replica(WrappedPool.class, 3).startAndStop().outcome()).isEqualTo(MigrationOutcome.MIGRATED);
	}

	/** Nobody can tell how large it is, and it waits for ever. */
	@Test
	void aPoolOfAnotherKindIsAskedForWhatIsNeededAndNotForEver() throws Exception {
		assertRefused(unknown(1), 2, 1);
		this.migrations.file("afterMigrateApplied.sql", "SELECT 1");
		assertRefused(unknown(2), 3, 2);
		assertThat(unknown(3).startAndStop().outcome()).isEqualTo(MigrationOutcome.MIGRATED);
	}

	/** Both wait for ever by default, or when told to. */
	@ParameterizedTest
	@ValueSource(classes = { Dbcp2.class, TomcatJdbc.class })
	void thePoolsThatSpringBootKnowsAreRefusedAsWell(Class<?> source) throws Exception {
		Replica replica = replica().with(source).with("headlock.lock.timeout", "1s");
		assertThat(assertRefused(replica.with("pool.size", 1), 2, 1))
			.hasMessageContaining("but it gives 1 (no further one within 1.0 s)");
		assertThat(replica.with("pool.size", 2).startAndStop().outcome()).isEqualTo(MigrationOutcome.MIGRATED);
	}

	/** Plain Flyway has its lock and its migrations on the same connection then. */
	@Test
	void aDataSourceWithOneConnectionForAllIsRefused() throws Exception {
		assertRefused(replica(OneForAll.class, 1), 2, 1);
		start(replica(OneForAll.class, 1).plain());
	}

	private Throwable assertRefused(Replica replica, int needed, int available) throws Exception {
		Throwable failure = Background.start(replica::startAndStop).failure().getCause();
		assertThat(failure).isInstanceOfSatisfying(PoolTooSmallException.class, (ex) -> {
			assertThat(ex.getNeeded()).isEqualTo(needed);
			assertThat(ex.getAvailable()).isEqualTo(available);
		});
		assertThat(this.database.list("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"))
			.isEmpty();
		assertThat(this.database.advisoryLocks()).isZero();
		return failure;
	}

	private static void assertFails(Replica replica) {
		assertThat(catchThrowable(() -> start(replica))).isNotNull();
	}

	private static void start(Replica replica) {
		replica.start().close();
	}

	private Replica replica(Class<?> source, int maximumSize) {
		return replica().with(source).with("pool.size", maximumSize);
	}

	private Replica unknown(int maximumSize) {
		return replica(PoolOfAnotherKind.class, maximumSize).with("headlock.lock.timeout", "1s");
	}

	private Replica dataSourceClass(int maximumSize) {
		return replica(DataSourceClass.class, maximumSize);
	}

	private Replica replica() {
		return Replica.of(this.database.url(), "none").with("spring.flyway.locations", this.migrations.location());
	}

	private static HikariDataSource pool(Environment environment) {
		PGSimpleDataSource target = new PGSimpleDataSource();
		target.setUrl(environment.getRequiredProperty("spring.datasource.url"));
		target.setUser("postgres");
		HikariDataSource pool = new HikariDataSource();
		pool.setDataSource(target);
		pool.setMinimumIdle(0);
		pool.setMaximumPoolSize(environment.getRequiredProperty("pool.size", Integer.class));
		pool.setConnectionTimeout(1000);
		return pool;
	}

	@Configuration(proxyBeanMethods = false)
	static class DataSourceOfTheApplication {

		@Bean
		HikariDataSource pool(Environment environment) {
			return PoolSizeTests.pool(environment);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class DataSourceClass {

		@Bean
		HikariDataSource pool(Environment environment) {
			HikariDataSource pool = PoolSizeTests.pool(environment);
			pool.setDataSource(null);
			pool.setDataSourceClassName(PGSimpleDataSource.class.getName());
			pool.addDataSourceProperty("url", environment.getRequiredProperty("spring.datasource.url"));
			pool.setUsername("postgres");
			return pool;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Task {

		@Bean
		SchemaReadyTask insert(DataSource source) {
			return new SchemaReadyTask() {

				@Override
				public void run(SchemaStatus status) {
					new JdbcTemplate(source).update("INSERT INTO thing VALUES (1)");
				}

				@Override
				public boolean isOneAtATime() {
					return true;
				}

			};
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class WrappedPool {

		@Bean(defaultCandidate = false)
		HikariDataSource wrapped(Environment environment) {
			HikariDataSource pool = PoolSizeTests.pool(environment);
			pool.setConnectionTimeout(600_000);
			return pool;
		}

		@Bean
		DataSource wrapper(@Qualifier("wrapped") HikariDataSource pool) {
			return new DelegatingDataSource(pool) {
			};
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class PoolOfAnotherKind {

		@Bean(defaultCandidate = false)
		HikariDataSource hidden(Environment environment) {
			HikariDataSource pool = PoolSizeTests.pool(environment);
			pool.setConnectionTimeout(0);
			return pool;
		}

		@Bean
		DataSource pool(@Qualifier("hidden") HikariDataSource pool) {
			return (DataSource) Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] { DataSource.class },
					(proxy, method, arguments) -> {
						if (Set.of("unwrap", "isWrapperFor").contains(method.getName())) {
							throw new SQLException("It tells nobody what is behind it");
						}
						try {
							return method.invoke(pool, arguments);
						}
						catch (InvocationTargetException ex) {
							throw ex.getTargetException();
						}
					});
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Dbcp2 {

		@Bean
		BasicDataSource pool(Environment environment) {
			BasicDataSource pool = new BasicDataSource();
			pool.setUrl(environment.getRequiredProperty("spring.datasource.url"));
			pool.setUsername("postgres");
			pool.setMaxTotal(environment.getRequiredProperty("pool.size", Integer.class));
			return pool;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class TomcatJdbc {

		@Bean(destroyMethod = "close")
		DataSource pool(Environment environment) {
			org.apache.tomcat.jdbc.pool.DataSource pool = new org.apache.tomcat.jdbc.pool.DataSource();
			pool.setDriverClassName(Driver.class.getName());
			pool.setUrl(environment.getRequiredProperty("spring.datasource.url"));
			pool.setUsername("postgres");
			pool.setInitialSize(0);
			pool.setMinIdle(0);
			pool.setMaxActive(environment.getRequiredProperty("pool.size", Integer.class));
			pool.setMaxWait(-1);
			return pool;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OneForAll {

		@Bean
		DataSource single(Environment environment) {
			return new TransactionAwareDataSourceProxy(new SingleConnectionDataSource(
					environment.getRequiredProperty("spring.datasource.url"), "postgres", "", true));
		}

	}

}
