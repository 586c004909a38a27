package io.github.headlock.background;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeUnit;

import io.github.headlock.test.HeadlockLog;
import io.github.headlock.test.NotInContainer;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.testbed.PostgresServer;
import io.github.headlock.testbed.StreamingStandby;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;
import org.postgresql.replication.LogSequenceNumber;
import org.postgresql.replication.PGReplicationStream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Background migrations of a server with standbys.
 */
@NotInContainer("copies the files of a server")
class ReplicationHoldTests {

	private static final ThrottleSettings SETTINGS = Holds.settings(Duration.ofMillis(200), null);

	private static PostgresServer primary;

	private static StreamingStandby standby;

	private final TestDatabase database = TestDatabase.on(primary);

	private final Holds holds;

	ReplicationHoldTests() throws Exception {
		this.holds = new Holds(this.database);
		standby.awaitReplay();
	}

	@BeforeAll
	static void start() {
		primary = PostgresServer.start(Map.of("wal_level", "logical", "autovacuum", "off"));
		standby = StreamingStandby.of(primary);
	}

	@AfterAll
	static void stop() {
		standby.close();
		primary.close();
	}

	@AfterEach
	void goOn() throws Exception {
		standby.server().resume();
		onStandby("SELECT pg_wal_replay_resume()");
	}

	private static void onStandby(String sql) throws SQLException {
		try (Connection connection = standby.server().connect("postgres");
				Statement statement = connection.createStatement()) {
			statement.execute(sql);
		}
	}

	@Test
	void aStandbyThatReplaysTooLateIsWaitedFor() throws Exception {
		BackgroundWork process = this.holds.process(SETTINGS);
		await().until(() -> !this.holds.holds(process));
		onStandby("SELECT pg_wal_replay_pause()");
		await().until(() -> {
			write(1);
			return this.holds.holds(this.holds.process(SETTINGS));
		});
		assertThat(this.holds.because())
			.matches("the standby \"standby\" is \\d+\\.\\d s behind, more than headlock.background."
					+ "max-replication-lag, 0\\.2 s");
		assertThat(this.holds.column("hold_kind")).isEqualTo("replication lag");
		this.holds.expire();
		assertThat(this.holds.holds(this.holds.process())).as("with a lag of 0, none is looked at").isFalse();
		onStandby("SELECT pg_wal_replay_resume()");
		standby.awaitReplay();
		await().until(() -> !this.holds.holds(this.holds.process(SETTINGS)));
		assertThat(this.holds.because()).isNull();
	}

	/** The server shows the last lag for a while, until the standby has said so twice. */
	@Test
	void theLastLagOfAStandbyThatHasCaughtUpDoesNotCount() throws Exception {
		onStandby("SELECT pg_wal_replay_pause()");
		write(1);
		await().until(() -> lag("coalesce(max(replay_lag) > interval '1 s', false)"));
		onStandby("SELECT pg_wal_replay_resume()");
		await().until(() -> lag("bool_and(replay_lsn = pg_current_wal_lsn())"));
		try (Connection connection = this.holds.customers.connect()) {
			HoldSignals signals = HoldSignals.read(connection, "public", "customer", true);
			assertThat(signals.lag()).isNull();
			assertThat(signals.lagIsHidden()).isFalse();
		}
	}

	private boolean lag(String condition) {
		return this.database.value("SELECT " + condition + " FROM pg_stat_replication WHERE replay_lsn IS NOT NULL")
			.equals("t");
	}

	@Test
	void aRoleThatMayNotSeeTheLagIsToldWhatSlotsRetain() throws Exception {
		String role = this.holds.plainRole();
		BackgroundWork process = this.holds.process(SETTINGS);
		try (HeadlockLog log = HeadlockLog.open()) {
			assertThat(this.holds.holds(process, role)).isFalse();
			standby.server().suspend();
			write(ReplicationLag.ALWAYS_RETAINED / 1_000_000 + 20);
			await().until(() -> this.holds.holds(process, role));
			assertThat(this.holds.because())
				.matches("a standby is \\d+\\.\\d MB of WAL behind, for which this server needs \\d+\\.\\d s at "
						+ "\\d+\\.\\d MB a second, more than headlock.background.max-replication-lag, 0.2 s");
			// another process, which has measured no WAL yet, does not know better
			this.holds.expire();
			assertThat(this.holds.holds(this.holds.process(SETTINGS), role)).isTrue();
			standby.server().resume();
			standby.awaitReplay();
			await().until(() -> {
				this.holds.expire();
				return !this.holds.holds(process, role);
			});
			assertThat(log.messages()).filteredOn((line) -> line.contains(role + " does not see how far standbys are"))
				.isNotEmpty()
				.allMatch(
						(line) -> line.endsWith("It is estimated by what their replication slots retain. To let it see "
								+ "that: GRANT pg_monitor TO " + role));
		}
	}

	@Test
	void aRoleMaySeeTheLagWithTheGrantThatIsNamed() throws Exception {
		String role = this.holds.plainRole();
		this.database.execute("GRANT pg_monitor TO " + role);
		onStandby("SELECT pg_wal_replay_pause()");
		await().until(() -> {
			write(1);
			return this.holds.holds(this.holds.process(SETTINGS), role);
		});
		assertThat(this.holds.because()).startsWith("the standby \"standby\" is ");
	}

	/** A reader of changes confirms them when it likes to. */
	@Test
	void aReaderOfALogicalSlotIsNotWaitedFor() throws Exception {
		this.database.execute("SELECT pg_create_logical_replication_slot('reader', 'pgoutput')",
				"CREATE PUBLICATION all_changes FOR ALL TABLES");
		Properties properties = new Properties();
		properties.put("user", "postgres");
		properties.put("replication", "database");
		properties.put("preferQueryMode", "simple");
		properties.put("assumeMinServerVersion", "10");
		try (Connection connection = DriverManager.getConnection(this.database.url(), properties);
				PGReplicationStream stream = connection.unwrap(PGConnection.class)
					.getReplicationAPI()
					.replicationStream()
					.logical()
					.withSlotName("reader")
					.withSlotOption("proto_version", 1)
					.withSlotOption("publication_names", "all_changes")
					.withStatusInterval(100, TimeUnit.MILLISECONDS)
					.start()) {
			stream.setAppliedLSN(LogSequenceNumber.valueOf(this.database.value("SELECT pg_current_wal_lsn()")));
			await().until(() -> {
				this.database.execute("UPDATE customer SET times = times + 1 WHERE id = 1");
				stream.readPending();
				return logicalLag();
			});
			standby.awaitReplay();
			await().until(() -> !this.holds.holds(this.holds.process(SETTINGS)));
			assertThat(logicalLag()).isTrue();
		}
		finally {
			await().until(() -> this.database
				.list("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = 'reader' "
						+ "AND NOT active")
				.size() == 1);
		}
	}

	private boolean logicalLag() {
		return lag("coalesce(max(replay_lag) FILTER (WHERE application_name <> 'standby') > interval '200 ms', false)");
	}

	/** Writes WAL that changes nothing. */
	private void write(long megabytes) {
		this.database.execute("SELECT count(pg_logical_emit_message(false, 'test', repeat('x', 1000000))) "
				+ "FROM generate_series(1, %d)".formatted(megabytes));
	}

}
