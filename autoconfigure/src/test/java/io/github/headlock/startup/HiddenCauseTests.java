package io.github.headlock.startup;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.sql.Connection;

import io.github.headlock.MigrationReport;
import io.github.headlock.flyway.ConnectionLostException;
import io.github.headlock.history.HistoryTable;
import io.github.headlock.jdbc.DatabaseUnavailableException;
import io.github.headlock.test.Background;
import io.github.headlock.test.FailingSockets;
import io.github.headlock.test.Replica;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.testbed.TestMigrations;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Causes that the driver tells only behind its own words are named, and so is the setting
 * that cures them.
 */
@ExtendWith(OutputCaptureExtension.class)
class HiddenCauseTests {

	private static final String URL = "spring.datasource.url (or spring.flyway.url, if it is set)";

	private final TestDatabase database = TestDatabase.create();

	@Test
	void aMigrationThatTakesLongerThanTheSocketTimeout(@TempDir Path folder) throws Exception {
		TestMigrations migrations = new TestMigrations(folder);
		migrations.file("V1__a.sql", "SELECT pg_advisory_xact_lock(1, 1)");
		Replica replica = Replica.of(this.database.url() + "?socketTimeout=2", "none")
			.with("spring.flyway.locations", migrations.location());
		try (Connection gate = this.database.gate()) {
			assertThat(Background.start(() -> replica.startAndStop()).failure()).cause()
				.isInstanceOfSatisfying(ConnectionLostException.class, (ex) -> {
					assertThat(ex).hasMessageEndingWith("SocketTimeoutException: Read timed out");
					assertThat(ex.getAction()).contains("set a longer socketTimeout in " + URL);
				});
			assertThat(Background.start(() -> replica.plain().start()).failure()).rootCause()
				.hasMessage("Read timed out");
			gate.rollback();
		}
	}

	@Test
	void aServerThatStaysSilent(CapturedOutput output) throws Exception {
		try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
			Replica replica = Replica
				.of("jdbc:postgresql://127.0.0.1:%d/none?socketTimeout=1".formatted(silent.getLocalPort()), "basic")
				.with("headlock.lock.timeout", "15s");
			assertThat(Background.start(() -> replica.start()).failure()).cause()
				.isInstanceOfSatisfying(DatabaseUnavailableException.class, (ex) -> {
					assertThat(ex).hasMessageEndingWith("SocketTimeoutException: Read timed out");
					assertThat(ex.getAction()).contains("set a longer socketTimeout in " + URL);
				});
		}
		assertThat(output.getOut().lines()).anyMatch((line) -> line.contains("trying again: ")
				&& line.contains("Read timed out. Find out why") && line.contains("socketTimeout in " + URL));
	}

	@Test
	void aHostThatIsNotKnown(CapturedOutput output) throws Exception {
		Replica replica = Replica.of("jdbc:postgresql://nowhere.invalid/none", "basic")
			.with("spring.flyway.connect-retries", 1);
		assertThat(Background.start(() -> replica.start()).failure()).cause()
			.isInstanceOfSatisfying(DatabaseUnavailableException.class, (ex) -> {
				assertThat(ex).hasMessageEndingWith("UnknownHostException: nowhere.invalid");
				assertThat(ex.getAction()).startsWith("Correct the host in " + URL);
			});
		assertThat(output)
			.contains("trying again: The connection attempt failed. UnknownHostException: nowhere.invalid. "
					+ "Correct the host in " + URL);
	}

	@Test
	void aHostThatIsNotKnownAnyMoreWhileOneWaits(CapturedOutput output) throws Exception {
		String key = String.valueOf(new HistoryTable("public", "flyway_schema_history").lockKey());
		String name = this.database.name();
		try (Connection holder = this.database.hold(key)) {
			Background<MigrationReport> waiter = Background
				.start(() -> Replica.of(FailingSockets.url(this.database.url(), name), "basic").startAndStop());
			await().until(() -> output.getOut().contains("it is held by pid"));
			FailingSockets.fail(name, () -> new UnknownHostException("db.example"));
			await().until(() -> output.getOut()
				.contains("; the database does not answer: The connection attempt failed. UnknownHostException: "
						+ "db.example"));
			assertThat(output).contains("UnknownHostException: db.example. Correct the host in " + URL);
			FailingSockets.heal(name);
			holder.rollback();
			waiter.result();
		}
	}

}
