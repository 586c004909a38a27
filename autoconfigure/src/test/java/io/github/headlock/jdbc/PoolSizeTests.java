package io.github.headlock.jdbc;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import io.github.headlock.MigrationOutcome;
import io.github.headlock.SchemaReadyTask;
import io.github.headlock.SchemaStatus;
import io.github.headlock.test.Background;
import io.github.headlock.test.Replica;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.ds.PGSimpleDataSource;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;
import org.springframework.jdbc.core.JdbcTemplate;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Whole starts with a pool whose own connections migrations have to use: one that is too
 * small is refused before anything is changed.
 */
class PoolSizeTests extends PoolSizeSituation {

	PoolSizeTests(@TempDir Path folder) {
		super(folder);
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
	@MethodSource("callbacksOfThePage")
	void twoConnectionsAreRefusedWithACallbackThatRunsOnAConnectionOfItsOwn(String event) throws Exception {
		this.migrations.file(event + ".sql", "SELECT 1");
		assertRefused(dataSourceClass(2), 3, 2);
		assertThat(dataSourceClass(3).startAndStop().outcome()).isEqualTo(MigrationOutcome.MIGRATED);
	}

	static List<String> callbacksOfThePage() throws IOException {
		Matcher row = Pattern.compile("(?m)^\\| a callback runs .*: (`.*`) \\| 3 \\|$")
			.matcher(Files.readString(Path.of("..", "docs", "connections.md")));
		assertThat(row.find()).isTrue();
		return List.of(row.group(1).replace("`", "").split(", "));
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

	private Replica dataSourceClass(int maximumSize) {
		return replica(DataSourceClass.class, maximumSize);
	}

	@Configuration(proxyBeanMethods = false)
	static class DataSourceOfTheApplication {

		@Bean
		HikariDataSource pool(Environment environment) {
			return hikari(environment, 1000);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class DataSourceClass {

		@Bean
		HikariDataSource pool(Environment environment) {
			HikariDataSource pool = hikari(environment, 1000);
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

}
