package io.github.headlock.roles;

import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;

import io.github.headlock.startup.HeadlockMigrationStrategy;
import io.github.headlock.startup.ManagedSchema;
import io.github.headlock.test.Background;
import io.github.headlock.test.HeadlockLog;
import io.github.headlock.test.Replica;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.test.TestRoles;
import io.github.headlock.testbed.TestMigrations;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What a process that has started does about roles that were left blocked, and when it
 * leaves them alone. Each look is made by the test.
 */
@Tag("every-postgresql")
class RoleRestoreWatchTests {

	private static final String RECORD = "flyway_schema_history_blocked_roles";

	private final TestDatabase database = TestDatabase.create();

	private final TestRoles roles = TestRoles.create(this.database);

	private final HeadlockLog log = HeadlockLog.open();

	private final TestMigrations migrations;

	private final RoleRestoreWatch watch = watch(this.roles.migrator(), Duration.ZERO);

	RoleRestoreWatchTests(@TempDir Path folder) {
		this.migrations = new TestMigrations(folder);
		this.migrations.file("V1__a.sql", "CREATE TABLE a (id int)");
	}

	@BeforeEach
	void migrateToTheFirstVersion() {
		blocking().startAndStop();
	}

	@AfterEach
	void closeLog() {
		this.log.close();
	}

	@Test
	void rolesWithoutAnybodyAtWorkAreRestored() throws Exception {
		LeftOverBlock.leave(this.database, this.roles);
		this.watch.look();
		assertThat(this.roles.canLogIn()).isFalse();
		this.watch.look();
		LeftOverBlock.assertRestored(this.roles);
		assertThat(this.log.messages()).anyMatch((line) -> line.contains("nobody has been at work for"))
			.anyMatch((line) -> line.endsWith("their login is restored: [" + this.roles.application() + "]"));
		assertThat(this.database.advisoryLocks()).isZero();
	}

	@Test
	void aBlockIsSeenForLongEnough() throws Exception {
		LeftOverBlock.leave(this.database, this.roles);
		RoleRestoreWatch patient = watch(this.roles.migrator(), Duration.ofHours(1));
		for (int i = 0; i < 5; i++) {
			patient.look();
		}
		assertThat(this.roles.canLogIn()).isFalse();
	}

	@Test
	void anotherBlockIsSeenForLongEnoughOfItsOwn() throws Exception {
		LeftOverBlock.leave(this.database, this.roles);
		this.watch.look();
		this.database.execute("UPDATE %s SET run = gen_random_uuid()".formatted(RECORD));
		this.watch.look();
		assertThat(this.roles.canLogIn()).isFalse();
		this.watch.look();
		LeftOverBlock.assertRestored(this.roles);
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void whileALockIsHeldNothingIsDone(boolean fence) throws Exception {
		LeftOverBlock.leave(this.database, this.roles);
		this.watch.look();
		String key = String.valueOf(fence ? LeftOverBlock.HISTORY.fenceKey() : LeftOverBlock.HISTORY.lockKey());
		try (Connection holder = this.database.hold(key)) {
			LeftOverBlock.lookSeveralTimes(this.watch);
			assertThat(this.roles.canLogIn()).isFalse();
			holder.rollback();
		}
		this.watch.look();
		assertThat(this.roles.canLogIn()).isFalse();
		this.watch.look();
		LeftOverBlock.assertRestored(this.roles);
	}

	@Test
	void ofSeveralProcessesOneRestores() throws Exception {
		LeftOverBlock.leave(this.database, this.roles);
		RoleRestoreWatch other = watch(this.roles.migrator(), Duration.ZERO);
		this.watch.look();
		other.look();
		Background<Boolean> beside = Background.start(() -> {
			other.look();
			return true;
		});
		this.watch.look();
		assertThat(beside.result()).isTrue();
		LeftOverBlock.awaitRestore(this.watch, this.roles);
		assertThat(this.log.messages().stream().filter((line) -> line.contains("their login is restored"))).hasSize(1);
	}

	@Test
	void whoMayNotRestoreSaysSoOnce() throws Exception {
		String reader = "reader_" + this.database.name();
		this.database.execute("CREATE ROLE %s LOGIN".formatted(reader),
				"GRANT SELECT ON flyway_schema_history TO %s".formatted(reader));
		LeftOverBlock.leave(this.database, this.roles);
		RoleRestoreWatch reading = watch(reader, Duration.ZERO);
		for (int i = 0; i < 5; i++) {
			reading.look();
		}
		assertThat(this.log.messages().stream().filter((line) -> line.contains("cannot be restored"))).hasSize(1);
		assertThat(this.roles.canLogIn()).isFalse();
		assertThat(this.database.advisoryLocks()).isZero();
	}

	@Test
	void anEmptyRecordBlocksNobody() throws Exception {
		LeftOverBlock.leave(this.database, this.roles);
		this.database.execute("DELETE FROM " + RECORD);
		LeftOverBlock.lookSeveralTimes(this.watch);
		assertThat(this.log.messages()).noneMatch((line) -> line.contains("nobody has been at work"));
	}

	@Test
	void processesThatBlockRolesWatchWhileTheyRun() {
		RoleRestoreWatch watching;
		try (ConfigurableApplicationContext context = blocking().start()) {
			assertThat(watches(context)).hasSize(1);
			watching = watches(context).get(0);
			assertThat(watching.isLooking()).isTrue();
		}
		assertThat(watching.isLooking()).isFalse();
	}

	@Test
	void processesThatBlockNoneWatchWhileThereIsARecord() throws Exception {
		Replica replica = this.roles.replica(this.database.url(), "none")
			.with("spring.flyway.locations", this.migrations.location());
		RoleRestoreWatch watching;
		try (ConfigurableApplicationContext context = replica.start()) {
			watching = watches(context).get(0);
			assertThat(watching.isLooking()).isFalse();
			lookAtTheSchema(context);
			assertThat(watching.isLooking()).isFalse();
			LeftOverBlock.leave(this.database, this.roles);
			lookAtTheSchema(context);
			assertThat(watching.isLooking()).isTrue();
			LeftOverBlock.awaitRestore(this.watch, this.roles);
			watching.look();
			assertThat(watching.isLooking()).isFalse();
			LeftOverBlock.leave(this.database, this.roles);
			lookAtTheSchema(context);
			assertThat(watching.isLooking()).isTrue();
		}
		assertThat(watching.isLooking()).isFalse();
	}

	private void lookAtTheSchema(ConfigurableApplicationContext context) throws Exception {
		try (Connection connection = this.database.connect()) {
			managed(context).probe().look(connection);
		}
	}

	@Test
	void processesThatSkipMigrationsDoNot() {
		try (ConfigurableApplicationContext context = blocking().with("headlock.skip-migrations", true).start()) {
			assertThat(watches(context)).isEmpty();
		}
	}

	private static List<RoleRestoreWatch> watches(ConfigurableApplicationContext context) {
		return managed(context).roleRestoreWatches();
	}

	private static ManagedSchema managed(ConfigurableApplicationContext context) {
		return context.getBean(HeadlockMigrationStrategy.class).managed().orElseThrow();
	}

	private RoleRestoreWatch watch(String role, Duration longEnough) {
		return LeftOverBlock.watch(new DriverManagerDataSource(this.database.url(), role, ""), longEnough);
	}

	private Replica blocking() {
		return this.roles.blockingReplica(this.database.url(), "none")
			.with("spring.flyway.locations", this.migrations.location());
	}

}
