package io.github.headlock.roles;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;

import io.github.headlock.history.HistoryTable;
import io.github.headlock.jdbc.MigrationConnections;
import io.github.headlock.lock.HeldLock;
import io.github.headlock.lock.LockLostException;
import io.github.headlock.lock.MigrationLock;
import io.github.headlock.test.Background;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.test.TestRoles;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * Who blocks roles, and loses the lock before, meanwhile or afterwards.
 */
@Tag("every-postgresql")
class LostLockLockoutTests {

	private static final HistoryTable HISTORY = new HistoryTable("public", "flyway_schema_history");

	private final TestDatabase database = TestDatabase.create();

	private final TestRoles roles = TestRoles.create(this.database);

	@Test
	void whoLostTheLockDoesNotUndoTheNextOnesBlock() throws Exception {
		RoleLockouts blocks = new RoleLockouts(connections(), HISTORY);
		HeldLock first = takeLock();
		RoleLockout firstBlock = blocks.prepare(settings(), first);
		firstBlock.begin(asMigrator());
		endTheLock();
		try (HeldLock second = takeLock()) {
			blocks.restoreOrphaned(second);
			try (RoleLockout secondBlock = blocks.prepare(settings(), second)) {
				secondBlock.begin(asMigrator());
				firstBlock.close();
				assertThat(this.roles.canLogIn()).isFalse();
				assertThatExceptionOfType(LockLostException.class).isThrownBy(() -> blocks.restoreOrphaned(first));
				assertThat(this.roles.canLogIn()).isFalse();
			}
		}
		first.close();
		assertLoginRestored();
	}

	@Test
	void theBlockOfWhoLostTheLockStaysWhileItIsInAMigration() throws Exception {
		RoleLockouts blocks = new RoleLockouts(connections(), HISTORY);
		HeldLock first = takeLock();
		RoleLockout block = blocks.prepare(settings(), first);
		block.begin(asMigrator());
		endTheLock();
		try (HeldLock second = takeLock();
				Connection migration = this.database.hold(String.valueOf(HISTORY.fenceKey()))) {
			assertThat(blocks.restoreOrphaned(second)).isFalse();
			assertThat(this.roles.canLogIn()).isFalse();
			migration.rollback();
			assertThat(blocks.restoreOrphaned(second)).isTrue();
		}
		assertLoginRestored();
		first.close();
	}

	/** Its COMMIT came into effect late. */
	@Test
	void theNextOneTakesOverTheBlockOfWhoLostTheLock() throws Exception {
		try (HeldLock lock = takeLock()) {
			try (RoleLockout block = new RoleLockouts(connections(), HISTORY).prepare(settings(), lock)) {
				LeftOverBlock.leave(this.database, this.roles);
				block.begin(asMigrator());
				assertThat(this.roles.canLogIn()).isFalse();
			}
			assertLoginRestored();
		}
	}

	/** It is recorded under another name, which may be another role's by now. */
	@Test
	void aBlockOfARenamedRoleIsLeftToTheNextStart() throws Exception {
		String name = this.roles.application();
		try (HeldLock lock = takeLock()) {
			try (RoleLockout block = new RoleLockouts(connections(), HISTORY).prepare(settings(), lock)) {
				LeftOverBlock.leave(this.database, this.roles);
				this.database.execute("ALTER ROLE %1$s RENAME TO %1$s_renamed".formatted(name),
						"CREATE ROLE %s LOGIN".formatted(name));
				block.begin(asMigrator());
				assertThat(this.roles.canLogIn()).isTrue();
			}
			assertThat(this.roles.isRecorded()).isTrue();
			this.database.execute("DROP ROLE " + name, "ALTER ROLE %1$s_renamed RENAME TO %1$s".formatted(name));
			assertThat(this.roles.canLogIn()).isFalse();
			new RoleLockouts(connections(), HISTORY).restoreOrphaned(lock);
			assertLoginRestored();
		}
	}

	@Test
	void aBlockOfAnotherKindIsLeftToTheNextStart() throws Exception {
		this.database.execute("REVOKE CONNECT ON DATABASE %s FROM PUBLIC".formatted(this.database.name()),
				"GRANT CONNECT ON DATABASE %s TO %s".formatted(this.database.name(), this.roles.application()));
		try (HeldLock lock = takeLock()) {
			try (RoleLockout block = new RoleLockouts(connections(), HISTORY).prepare(settings(), lock)) {
				LeftOverBlock.leave(this.database, this.roles, BlockMode.REVOKE_CONNECT, this.roles.application());
				assertThatExceptionOfType(RolesNotBlockableException.class).isThrownBy(() -> block.begin(asMigrator()));
				assertThatExceptionOfType(SQLException.class).isThrownBy(() -> this.roles.connect().close());
			}
			new RoleLockouts(connections(), HISTORY).restoreOrphaned(lock);
			assertLoginRestored();
		}
	}

	@Test
	void whoLostTheLockBlocksNobodyAnyMore() throws Exception {
		HeldLock lock = takeLock();
		try (RoleLockout block = new RoleLockouts(connections(), HISTORY).prepare(settings(), lock)) {
			endTheLock();
			assertThatExceptionOfType(LockLostException.class).isThrownBy(() -> block.begin(asMigrator()));
			assertThat(this.roles.canLogIn()).isTrue();
		}
		assertLoginRestored();
	}

	@Test
	void whoLosesTheLockWhileItBlocksGivesThatUp() throws Exception {
		HeldLock lock = takeLock();
		String lastChange = "SELECT xmin FROM pg_authid WHERE rolname = '%s'".formatted(this.roles.application());
		String before = this.database.value(lastChange);
		try (RoleLockout block = new RoleLockouts(connections(), HISTORY).prepare(settings(), lock);
				Connection inTheWay = this.database
					.inTransaction("ALTER ROLE %s CONNECTION LIMIT 50".formatted(this.roles.application()))) {
			Background<Boolean> blocking = Background.start(() -> {
				block.begin(asMigrator());
				return true;
			});
			await().until(() -> !this.database.list("SELECT 1 FROM pg_locks WHERE NOT granted").isEmpty());
			endTheLock();
			inTheWay.rollback();
			assertThat(blocking.failure()).isInstanceOf(LockLostException.class);
		}
		assertThat(this.database.value(lastChange)).isEqualTo(before);
		assertLoginRestored();
	}

	private SessionSettings settings() {
		return new SessionSettings(List.of(this.roles.application()), true, Duration.ofSeconds(10), BlockMode.NOLOGIN,
				() -> null);
	}

	private MigrationConnections connections() {
		return MigrationConnections.of(Flyway.configure()
			.dataSource(this.database.url(), this.roles.migrator(), "")
			.load()
			.getConfiguration());
	}

	private HeldLock takeLock() throws Exception {
		return new MigrationLock(HISTORY).tryTake(asMigrator()).orElseThrow();
	}

	/** Ends the session that holds the lock, behind the back of its owner. */
	private void endTheLock() {
		this.database.list("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted "
				+ "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())");
		await().until(() -> this.database.advisoryLocks() == 0);
	}

	private Connection asMigrator() throws Exception {
		return DriverManager.getConnection(this.database.url(), this.roles.migrator(), "");
	}

	private void assertLoginRestored() throws Exception {
		this.roles.connect().close();
		assertThat(this.roles.isRecorded()).isFalse();
	}

}
