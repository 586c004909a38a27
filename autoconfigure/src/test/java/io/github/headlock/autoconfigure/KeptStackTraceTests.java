package io.github.headlock.autoconfigure;

import java.nio.file.Path;
import java.sql.SQLException;
import java.sql.Statement;

import io.github.headlock.SchemaReadyTask;
import io.github.headlock.test.Replica;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.test.TestRoles;
import io.github.headlock.testbed.TestMigrations;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.migration.BaseJavaMigration;
import org.flywaydb.core.api.migration.Context;
import org.flywaydb.core.api.migration.JavaMigration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;

/**
 * Failures of which Headlock's failure analyses say nothing, because the stack trace says
 * more.
 */
@ExtendWith(OutputCaptureExtension.class)
class KeptStackTraceTests {

	private final TestDatabase database = TestDatabase.create();

	private final TestMigrations migrations;

	KeptStackTraceTests(@TempDir Path folder) {
		this.migrations = new TestMigrations(folder);
		this.migrations.file("V1__a.sql", "CREATE TABLE a (id int)");
	}

	@Test
	void aTaskThatMigratesAnotherDatabaseKeepsItsStackTrace(CapturedOutput output) {
		OtherDatabase.url = TestDatabase.create().url();
		assertThatException().isThrownBy(() -> replica().with(OtherDatabase.class).start());
		assertThat(output).contains("SchemaReadyTaskException", "\tat ").doesNotContain("APPLICATION FAILED TO START");
	}

	@Test
	void anotherDatabaseKeepsTheStackTrace(CapturedOutput output) {
		this.migrations.file("V2__b.sql", "CREATE TABLE b (id int);\nCREATE TABEL c (id int);");
		assertThatException().isThrownBy(() -> replica().with("spring.datasource.url", "jdbc:h2:mem:mistake")
			.with("spring.datasource.username", "sa")
			.start());
		assertThat(output).contains("FlywayMigrateException").doesNotContain("APPLICATION FAILED TO START");
	}

	@Test
	void aJavaMigrationThatLacksAPrivilegeKeepsItsStackTrace(CapturedOutput output) {
		TestRoles roles = TestRoles.create(this.database);
		assertThatException().isThrownBy(() -> roles.replica(this.database.url(), "none")
			.with("spring.flyway.locations", this.migrations.location())
			.with(Refused.class)
			.start());
		assertThat(output).contains("V2__Refused.migrate(").doesNotContain("APPLICATION FAILED TO START");
	}

	@Test
	void aJavaMigrationThatFailsKeepsItsStackTrace(CapturedOutput output) {
		assertThatException().isThrownBy(() -> replica().with(Failing.class).start());
		assertThat(output).contains("V2__Failing.migrate(").doesNotContain("APPLICATION FAILED TO START");
	}

	@Test
	void whereHeadlockIsTurnedOffFlywaysErrorsAreAsWithoutIt(CapturedOutput output) {
		this.migrations.file("V2__b.sql", "CREATE TABEL c (id int);");
		assertThatException().isThrownBy(() -> replica().plain().start());
		assertThat(output).contains("FlywayMigrateException").doesNotContain("APPLICATION FAILED TO START");
	}

	private Replica replica() {
		return Replica.of(this.database.url(), "none").with("spring.flyway.locations", this.migrations.location());
	}

	@Configuration(proxyBeanMethods = false)
	static class Failing {

		@Bean
		JavaMigration failing() {
			return new V2__Failing();
		}

		static final class V2__Failing extends BaseJavaMigration {

			@Override
			public void migrate(Context context) {
				throw new IllegalStateException("on purpose");
			}

		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Refused {

		@Bean
		JavaMigration refused() {
			return new V2__Refused();
		}

		static final class V2__Refused extends BaseJavaMigration {

			@Override
			public void migrate(Context context) throws SQLException {
				try (Statement statement = context.getConnection().createStatement()) {
					statement.execute("CREATE ROLE not_mine SUPERUSER");
				}
			}

		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OtherDatabase {

		private static String url;

		@Bean
		SchemaReadyTask other() {
			return (status) -> Flyway.configure()
				.dataSource(url, "postgres", "")
				.locations("classpath:db/does-not-exist")
				.failOnMissingLocations(true)
				.load()
				.migrate();
		}

	}

}
