package io.github.headlock.roles;

import java.sql.Connection;
import java.sql.DriverManager;

import io.github.headlock.MigrationReport;
import io.github.headlock.test.Background;
import io.github.headlock.test.Replica;
import io.github.headlock.test.ReplicaProcess;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.test.TestRoles;
import io.github.headlock.testbed.MigrationRoles;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

/**
 * Sessions of blocked roles that are not terminated, but waited for.
 */
@Tag("every-postgresql")
@Tag("every-locale")
@ExtendWith(OutputCaptureExtension.class)
class DrainTests {

	private final TestDatabase database = TestDatabase.create();

	private final TestRoles roles = TestRoles.create(this.database);

	@Test
	void sessionsThatEndByThemselvesAreWaitedFor() throws Exception {
		try (Connection session = this.roles.connect()) {
			Background<MigrationReport> start = Background.start(() -> waiting().startAndStop());
			await().until(this.roles::isRecorded);
			assertThat(session.isValid(0)).isTrue();
			session.close();
			assertThat(start.result()).extracting(MigrationReport::migrations, MigrationReport::terminatedSessions)
				.containsExactly(3, 0);
		}
		assertLoginRestored();
	}

	@Test
	void sessionsThatDoNotEndInTimeAreNamed(CapturedOutput output) throws Exception {
		try (Connection session = this.roles.connect()) {
			session.setAutoCommit(false);
			session.createStatement().execute("SELECT 'secret'");
			Replica replica = waiting().with("headlock.sessions.drain-timeout", "300ms");
			assertThatThrownBy(replica::startAndStop).cause()
				.isInstanceOfSatisfying(SessionsNotDrainedException.class, (ex) -> {
					assertThat(ex.getExitCode()).isEqualTo(12);
					assertThat(ex.getSessions()).singleElement().satisfies((left) -> {
						assertThat(left.role()).isEqualTo(this.roles.application());
						assertThat(left.applicationName()).isEqualTo("shop");
						assertThat(left.client()).isEqualTo(this.database.clientAddress());
						assertThat(left.state()).isEqualTo("idle in transaction");
					});
					assertThat(ex).message().contains("within 0.3 s: 1 session\n  - pid ");
				});
			assertThat(output).contains("within 0.3 s: 1 session").doesNotContain("secret");
			assertThat(session.isValid(0)).isTrue();
		}
		assertLoginRestored();
		assertThat(this.database.history()).isEmpty();
	}

	/** As where a pooler logs in for the application as another role. */
	@Test
	void rolesWithoutASessionAreToldFromThoseThatHaveOne(CapturedOutput output) throws Exception {
		String other = "pooler_" + this.database.name();
		this.database.execute("CREATE ROLE %s LOGIN".formatted(other));
		try (Connection session = DriverManager.getConnection(this.database.url(), other, "")) {
			assertThat(waiting().startAndStop().migrations()).isEqualTo(3);
			assertThat(session.isValid(0)).isTrue();
			assertThat(output).contains("The roles [%s] have no session in this database, and the roles [%s] have: "
				.formatted(this.roles.application(), other));
		}
	}

	@Test
	void sessionsOfTheRolesAreReasonEnoughNotToWarn(CapturedOutput output) throws Exception {
		try (Connection session = this.roles.connect(); Connection other = this.database.connect()) {
			assertThat(this.roles.blockingReplica(this.database.url(), "basic").startAndStop().terminatedSessions())
				.isOne();
			assertThat(session.isValid(0)).isFalse();
			assertThat(other.isValid(0)).isTrue();
			assertThat(output).doesNotContain("have no session in this database");
		}
	}

	@Test
	void sigtermEndsTheDrainAndSaysSo() throws Exception {
		try (Connection session = this.roles.connect(); ReplicaProcess process = ReplicaProcess.start(waiting())) {
			await().until(this.roles::isRecorded);
			process.terminate();
			assertThat(process.exitCode()).isEqualTo(128 + 15);
			assertThat(process.output()).contains("Shutdown requested; cancelled while ")
				.doesNotContain("was lost while migrating", "Interrupted while");
			assertThat(session.isValid(0)).isTrue();
		}
		await().until(() -> this.database.advisoryLocks() == 0);
		assertLoginRestored();
	}

	@Test
	void aPreparedTransactionThatTurnsUpLateIsNamed() throws Exception {
		try (Connection session = this.roles.connect();
				Connection other = this.database.inTransaction("ALTER ROLE %s CONNECTION LIMIT 50"
					.formatted(MigrationRoles.quoted(this.roles.application())))) {
			Background<MigrationReport> start = Background
				.start(() -> waiting().with("headlock.sessions.drain-timeout", "300ms").startAndStop());
			// it has looked for prepared transactions already
			this.database.awaitBlockedBy(other);
			session.setAutoCommit(false);
			session.createStatement().execute("SELECT txid_current()");
			session.createStatement().execute("PREPARE TRANSACTION 'late'");
			session.close();
			other.rollback();
			assertThat(start.failure()).cause()
				.isInstanceOfSatisfying(SessionsNotDrainedException.class,
						(ex) -> assertThat(ex.getPreparedTransactions()).containsExactly("late"));
		}
		finally {
			this.database.execute("ROLLBACK PREPARED 'late'");
		}
		assertLoginRestored();
	}

	private Replica waiting() {
		return this.roles.blockingReplica(this.database.url(), "basic").with("headlock.terminate-db-sessions", false);
	}

	private void assertLoginRestored() {
		assertThat(this.roles.canLogIn()).isTrue();
		assertThat(this.roles.isRecorded()).isFalse();
		assertThat(this.database.advisoryLocks()).isZero();
	}

}
