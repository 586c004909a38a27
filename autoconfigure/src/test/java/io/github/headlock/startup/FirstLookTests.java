package io.github.headlock.startup;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

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
	void forgetSessions() {
		Listing.database = this.database;
		Listing.sessions.clear();
	}

	@ParameterizedTest
	@ValueSource(strings = { "CREATE TABLE ${flyway:table}_copy (id int)",
			"CREATE TABLE IF NOT EXISTS ${flyway:defaultSchema}.b (id int)" })
	void noConnectionIsOpenWhileMigrationsAreListed(String repeatable) {
		this.migrations.file("R__b.sql", repeatable);
		Replica replica = replica().with(Listing.class);
		assertThat(replica.startAndStop().outcome()).isEqualTo(MigrationOutcome.MIGRATED);
		Listing.sessions.clear();
		assertThat(replica.startAndStop().outcome()).isEqualTo(MigrationOutcome.FAST_PATH);
		assertThat(Listing.sessions).isNotEmpty().containsOnly(0);
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

	/** Counts Headlock's sessions whenever migrations are listed. */
	@Configuration(proxyBeanMethods = false)
	static class Listing {

		static TestDatabase database;

		static List<Integer> sessions = new ArrayList<>();

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
						sessions.add(Integer
							.parseInt(database.value("SELECT count(*) FROM pg_stat_activity WHERE datname = '"
									+ database.name() + "' AND application_name LIKE 'headlock%'")));
						return scanner.getResources(prefix, suffixes);
					}

				});
			};
		}

	}

}
