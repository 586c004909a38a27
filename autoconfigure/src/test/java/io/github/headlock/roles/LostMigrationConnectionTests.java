package io.github.headlock.roles;

import java.nio.file.Path;
import java.sql.Connection;

import io.github.headlock.MigrationReport;
import io.github.headlock.flyway.ConnectionLostException;
import io.github.headlock.test.Background;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.test.TestRoles;
import io.github.headlock.testbed.TestMigrations;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * A migration whose connection the client gives up, because the server does not answer
 * within its {@code socketTimeout}: the server is still at work on the statement, and
 * notices seconds later that nobody is there.
 */
@Tag("every-postgresql")
@ExtendWith(OutputCaptureExtension.class)
class LostMigrationConnectionTests {

	private final TestDatabase database = TestDatabase.create();

	private final TestRoles roles = TestRoles.create(this.database);

	private final TestMigrations migrations;

	LostMigrationConnectionTests(@TempDir Path folder) {
		this.migrations = new TestMigrations(folder);
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void theRolesStayBlockedWhileTheServerIsAtWorkOnIt(boolean inTransaction, CapturedOutput output) throws Exception {
		this.migrations.file("V1__a.sql", "SELECT pg_advisory_lock(1, 1)");
		this.migrations.file("V1__a.sql.conf", "executeInTransaction=" + inTransaction);
		try (Connection gate = this.database.gate()) {
			Background<MigrationReport> start = Background
				.start(() -> this.roles.blockingReplica(this.database.url() + "?socketTimeout=2", "none")
					.with("spring.flyway.locations", this.migrations.location())
					.startAndStop());
			this.database.awaitMigrationAtTheGate();
			await().until(() -> output.getAll().contains("the server is still at work on a migration"));
			if (!inTransaction) {
				assertThat(this.roles.canLogIn()).isFalse();
				gate.rollback();
			}
			await().until(this.roles::canLogIn);
			assertThat(this.database.list("SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"))
				.isEmpty();
			assertThat(start.failure()).cause().isInstanceOf(ConnectionLostException.class);
		}
		assertThat(this.roles.isRecorded()).isFalse();
	}

}
