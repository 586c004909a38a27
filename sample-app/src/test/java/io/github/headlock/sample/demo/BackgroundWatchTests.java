package io.github.headlock.sample.demo;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

import io.github.headlock.testbed.PostgresServer;
import org.awaitility.core.TerminalFailureException;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

class BackgroundWatchTests {

	private static final String TABLE = "CREATE TABLE flyway_schema_history_background (name text, pass int, "
			+ "state text, seen_in_pass bigint, rows_estimated bigint, rows_changed bigint)";

	private static final String ROW = "INSERT INTO flyway_schema_history_background VALUES "
			+ "('another', 9, 'finished', 9, 9, 9), ('fill_tariff', 1, 'running', 0, NULL, 0)";

	private final ByteArrayOutputStream output = new ByteArrayOutputStream();

	private final Traffic traffic = new Traffic();

	@Test
	void itSeesWhatTheTableTellsFromItsCreationOn() throws Exception {
		try (PostgresServer server = PostgresServer.start(Map.of()); BackgroundWatch watch = watch(server).start()) {
			DemoDatabase database = database(server);
			database.execute(TABLE);
			database.execute(ROW);
			await().until(() -> watch.latest().isPresent());
			database.execute("UPDATE flyway_schema_history_background SET seen_in_pass = 100, rows_estimated = 400, "
					+ "rows_changed = 99 WHERE name = 'fill_tariff'");
			await().until(() -> watch.latest().filter((sample) -> sample.changed() == 99).isPresent());
			assertThat(watch.latest().map(BackgroundProgress.Sample::percent)).contains(25);
			database.execute("UPDATE flyway_schema_history_background SET pass = 2, seen_in_pass = 0, "
					+ "rows_changed = 400 WHERE name = 'fill_tariff'");
			assertThat(watch.awaitFilled()).isTrue();
			database.execute("UPDATE flyway_schema_history_background SET state = 'finished'");
			BackgroundProgress progress = watch.end().orElseThrow();
			assertThat(progress.samples()).extracting(BackgroundProgress.Sample::percent).startsWith(0).contains(25);
			assertThat(progress.last().finished()).isTrue();
			assertThat(progress.last().changed()).isEqualTo(400);
			assertThat(this.output.toString(StandardCharsets.UTF_8))
				.containsPattern("  fill_tariff 100 % +\\d+ rows/s   no requests yet");
		}
	}

	@Test
	void withoutATableThereIsNoProgress() throws Exception {
		try (PostgresServer server = PostgresServer.start(Map.of()); BackgroundWatch watch = watch(server).start()) {
			assertThat(watch.end()).isEqualTo(Optional.empty());
		}
	}

	@Test
	void aLookThatFailsIsAnError() throws Exception {
		try (PostgresServer server = PostgresServer.start(Map.of()); BackgroundWatch watch = watch(server).start()) {
			database(server).execute("CREATE TABLE flyway_schema_history_background (name text)");
			assertThatExceptionOfType(TerminalFailureException.class).isThrownBy(watch::awaitFilled);
			assertThatIllegalStateException().isThrownBy(watch::end).withStackTraceContaining("does not exist");
		}
	}

	private BackgroundWatch watch(PostgresServer server) {
		return new BackgroundWatch(database(server), Instant.now(), this.traffic,
				new PrintStream(this.output, true, StandardCharsets.UTF_8));
	}

	private static DemoDatabase database(PostgresServer server) {
		return new DemoDatabase(server, "postgres", server.url("postgres"));
	}

}
