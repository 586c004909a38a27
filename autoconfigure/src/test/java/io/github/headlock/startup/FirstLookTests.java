package io.github.headlock.startup;

import java.nio.file.Path;
import java.util.Collection;

import io.github.headlock.MigrationOutcome;
import io.github.headlock.MigrationReport;
import io.github.headlock.test.Replica;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.test.TestRoles;
import io.github.headlock.testbed.TestMigrations;
import org.flywaydb.core.api.ResourceProvider;
import org.flywaydb.core.api.migration.JavaMigration;
import org.flywaydb.core.api.resource.LoadableResource;
import org.flywaydb.core.internal.scanner.Scanner;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.flyway.autoconfigure.FlywayConfigurationCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * What a start reads before anything else.
 */
@Tag("every-postgresql")
class FirstLookTests {

	private final TestDatabase database = TestDatabase.create();

	private final TestMigrations migrations;

	FirstLookTests(@TempDir Path folder) {
		this.migrations = new TestMigrations(folder);
		this.migrations.file("V1__a.sql", "CREATE TABLE a (id int)");
	}

	@BeforeEach
	void watchNothing() {
		Listing.database = this.database;
		Listing.calls = 0;
		Listing.watched = false;
	}

	@ParameterizedTest
	@ValueSource(strings = { "CREATE TABLE ${flyway:table}_copy (id int)",
			"CREATE TABLE IF NOT EXISTS ${flyway:defaultSchema}.b (id int)" })
	void noConnectionIsOpenWhileMigrationsAreListed(String repeatable) {
		this.migrations.file("R__b.sql", repeatable);
		Replica replica = replica().with(Listing.class);
		assertThat(replica.startAndStop().outcome()).isEqualTo(MigrationOutcome.MIGRATED);
		Listing.watched = true;
		assertThat(replica.startAndStop().outcome()).isEqualTo(MigrationOutcome.FAST_PATH);
		assertThat(Listing.calls).isPositive();
	}

	@Test
	void aHistoryFurtherDownTheSearchPathIsAnotherOne() {
		assertThat(replica().startAndStop().outcome()).isEqualTo(MigrationOutcome.MIGRATED);
		this.database.execute("CREATE SCHEMA own");
		Replica own = Replica.of(this.database.url() + "?currentSchema=own,public", "none")
			.with("spring.flyway.locations", this.migrations.location());
		MigrationReport first = own.startAndStop();
		assertThat(first.outcome()).isEqualTo(MigrationOutcome.MIGRATED);
		assertThat(first.schema()).isEqualTo("own");
		assertThat(own.startAndStop().outcome()).isEqualTo(MigrationOutcome.FAST_PATH);
		assertThat(replica().startAndStop().schema()).isEqualTo("public");
	}

	@Test
	void aHistoryThatATemporaryTableHidesIsFound() {
		replica().startAndStop();
		assertThat(replica().with("spring.flyway.init-sqls", "CREATE TEMPORARY TABLE flyway_schema_history (id int)")
			.startAndStop()
			.outcome()).isEqualTo(MigrationOutcome.FAST_PATH);
	}

	@Test
	void aRoleThatMayNotAskForTheServersIdentifierStartsAtHead() {
		TestRoles roles = TestRoles.create(this.database);
		Replica replica = roles.replica(this.database.url(), "none")
			.with("spring.flyway.locations", this.migrations.location());
		replica.startAndStop();
		this.database.execute("REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC");
		assertThat(replica.startAndStop().outcome()).isEqualTo(MigrationOutcome.FAST_PATH);
	}

	@Test
	void aTableWithALongNameIsReadWithMoreMessages() {
		Replica replica = replica().with("spring.flyway.table", "h".repeat(50));
		replica.startAndStop();
		assertThat(replica.startAndStop().outcome()).isEqualTo(MigrationOutcome.FAST_PATH);
	}

	private Replica replica() {
		return Replica.of(this.database.url(), "none").with("spring.flyway.locations", this.migrations.location());
	}

	/**
	 * Waits, where it is watched, until Headlock has no session whenever migrations are
	 * listed. The server ends one a moment after its client has closed it; with one that
	 * stays open, migrations cannot be listed.
	 */
	@Configuration(proxyBeanMethods = false)
	static class Listing {

		static TestDatabase database;

		static boolean watched;

		static int calls;

		@Bean
		FlywayConfigurationCustomizer listing() {
			return (flyway) -> {
				ResourceProvider scanner = new Scanner<>(JavaMigration.class, flyway, flyway.getLocations());
				flyway.resourceProvider(new ResourceProvider() {

					@Override
					public LoadableResource getResource(String name) {
						return scanner.getResource(name);
					}

					@Override
					public Collection<LoadableResource> getResources(String prefix, String[] suffixes) {
						if (watched) {
							calls++;
							awaitNoSession();
						}
						return scanner.getResources(prefix, suffixes);
					}

					private void awaitNoSession() {
						await().until(() -> database
							.list("SELECT pid FROM pg_stat_activity WHERE datname = current_database() "
									+ "AND application_name LIKE 'headlock%'")
							.isEmpty());
					}

				});
			};
		}

	}

}
