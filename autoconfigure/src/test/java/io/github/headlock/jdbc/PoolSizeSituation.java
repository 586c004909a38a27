package io.github.headlock.jdbc;

import java.nio.file.Path;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import io.github.headlock.test.Background;
import io.github.headlock.test.Replica;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.testbed.TestMigrations;
import org.junit.jupiter.api.io.TempDir;
import org.postgresql.ds.PGSimpleDataSource;

import org.springframework.boot.jdbc.DataSourceBuilder;
import org.springframework.core.env.Environment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

/**
 * What the tests of a pool's size share: migrations that need two connections, in a
 * database in which a start that is refused must change nothing.
 */
abstract class PoolSizeSituation {

	final TestDatabase database = TestDatabase.create();

	final TestMigrations migrations;

	PoolSizeSituation(@TempDir Path folder) {
		this.migrations = new TestMigrations(folder);
		this.migrations.file("V1__a.sql", "CREATE TABLE thing (id int)");
		this.migrations.file("R__b.sql", "SELECT 1");
	}

	Throwable assertRefused(Replica replica, int needed, int available) throws Exception {
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

	static void assertFails(Replica replica) {
		assertThat(catchThrowable(() -> start(replica))).isNotNull();
	}

	static void start(Replica replica) {
		replica.start().close();
	}

	Replica replica() {
		return Replica.of(this.database.url(), "none").with("spring.flyway.locations", this.migrations.location());
	}

	Replica replica(Class<?> source, int maximumSize) {
		return replica().with(source).with("pool.size", maximumSize);
	}

	/**
	 * A pool of the replica's size over a data source of the application.
	 * @param environment the properties of the replica
	 * @param connectionTimeout longest wait for a connection in milliseconds, 0 for ever
	 */
	static HikariDataSource hikari(Environment environment, long connectionTimeout) {
		HikariDataSource pool = new HikariDataSource();
		pool.setDataSource(dataSource(PGSimpleDataSource.class, environment));
		pool.setMinimumIdle(0);
		pool.setMaximumPoolSize(size(environment));
		pool.setConnectionTimeout(connectionTimeout);
		return pool;
	}

	/** A data source of this type for the database of the replica. */
	static <T extends DataSource> T dataSource(Class<T> type, Environment environment) {
		return DataSourceBuilder.create()
			.type(type)
			.url(environment.getRequiredProperty("spring.datasource.url"))
			.username("postgres")
			.build();
	}

	/** How many connections the pool of the replica has. */
	static int size(Environment environment) {
		return environment.getRequiredProperty("pool.size", Integer.class);
	}

}
