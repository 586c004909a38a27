package io.github.headlock.roles;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

import io.github.headlock.MigrationOutcome;
import io.github.headlock.MigrationReport;
import io.github.headlock.test.Background;
import io.github.headlock.test.Replica;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.test.TestRoles;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.postgresql.PGConnection;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Open transactions that have altered a role, for which whoever blocks that role has to
 * wait.
 */
@Tag("every-postgresql")
@ExtendWith(OutputCaptureExtension.class)
class RoleBlockersTests {

	private static final String SECRET = "a-password-that-nobody-may-see";

	private final TestDatabase database = TestDatabase.create();

	private final TestRoles roles = TestRoles.create(this.database);

	@Test
	void aSessionOfTheApplicationThatKeepsItsRoleFromBeingAlteredIsEnded(CapturedOutput output) throws Exception {
		try (Connection application = alteringItsRole()) {
			String ended = inWords(application);
			MigrationReport report = Background.start(() -> blocking().startAndStop()).result();
			assertThat(report).extracting(MigrationReport::outcome, MigrationReport::terminatedSessions)
				.containsExactly(MigrationOutcome.MIGRATED, 1);
			assertThat(application.isValid(0)).isFalse();
			assertThat(output).contains("were terminated, among [" + ended).doesNotContain(SECRET);
		}
		assertThat(this.roles.canLogIn()).isTrue();
	}

	@Test
	void withoutTerminationItIsNamedAndLeftAlone(CapturedOutput output) throws Exception {
		try (Connection application = alteringItsRole()) {
			Background<MigrationReport> start = Background
				.start(() -> blocking().with("headlock.terminate-db-sessions", false).startAndStop());
			await().until(() -> output.getOut()
				.contains("canceling statement due to lock timeout; blocked by: [" + inWords(application)));
			assertThat(application.isValid(0)).isTrue();
			application.rollback();
			application.close();
			assertThat(start.result().outcome()).isEqualTo(MigrationOutcome.MIGRATED);
		}
		assertThat(output).doesNotContain(SECRET);
	}

	@Test
	void sessionsOfOthersAreNamedAndNeverEnded(CapturedOutput output) throws Exception {
		TestDatabase elsewhere = TestDatabase.create();
		String alter = "ALTER ROLE %s CONNECTION LIMIT 50".formatted(this.roles.application());
		try (Connection administrator = elsewhere.inTransaction("SET application_name = 'administration'", alter)) {
			Background<MigrationReport> start = Background.start(() -> blocking().startAndStop());
			await().until(() -> output.getOut()
				.contains("blocked by: [pid %d, role \"postgres\", application \"administration\""
					.formatted(pid(administrator))));
			assertThat(administrator.isValid(0)).isTrue();
			administrator.rollback();
			assertThat(start.result().terminatedSessions()).isZero();
		}
	}

	@Test
	void aStartThatGivesUpNamesWhoIsInTheWay(CapturedOutput output) throws Exception {
		try (Connection application = alteringItsRole()) {
			Throwable failure = Background
				.start(() -> blocking().with("headlock.terminate-db-sessions", false).startAndStop())
				.failure();
			assertThat(failure).rootCause().isInstanceOf(SQLException.class);
			assertThat(output)
				.containsPattern("APPLICATION FAILED TO START(?s:.*)cannot be blocked for the migration:"
						+ "\\s+- ERROR: canceling statement due to lock timeout; blocked by: \\[\\Q"
						+ inWords(application) + "\\E")
				.contains("or their sessions with pg_terminate_backend(pid)");
		}
		assertThat(this.database.list("SELECT 1 FROM pg_class WHERE relname = 'flyway_schema_history'")).hasSize(1);
		assertThat(this.database.history()).isEmpty();
	}

	private Connection alteringItsRole() throws SQLException {
		Connection connection = this.roles.connect();
		connection.setAutoCommit(false);
		try (Statement statement = connection.createStatement()) {
			statement.execute("ALTER ROLE %s PASSWORD '%s'".formatted(this.roles.application(), SECRET));
		}
		return connection;
	}

	private String inWords(Connection application) throws SQLException {
		return "pid %d, role \"%s\", application \"shop\"".formatted(pid(application), this.roles.application());
	}

	private static int pid(Connection connection) throws SQLException {
		return connection.unwrap(PGConnection.class).getBackendPID();
	}

	private Replica blocking() {
		return this.roles.blockingReplica(this.database.url(), "basic");
	}

}
