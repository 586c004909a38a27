package io.github.headlock.background;

import java.nio.file.Path;
import java.sql.Connection;
import java.util.concurrent.atomic.AtomicBoolean;

import io.github.headlock.test.Background;
import io.github.headlock.test.HeadlockLog;
import io.github.headlock.test.Replica;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.upgrade.UpgradeRefusedException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.core.NestedExceptionUtils;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

/**
 * Background migrations that are finished at the gate while others write.
 */
class FinalizationTests {

	private final TestDatabase database = TestDatabase.create();

	private final HeadlockLog log = HeadlockLog.open();

	private final Releases releases;

	FinalizationTests(@TempDir Path folder) throws Exception {
		this.releases = new Releases(this.database, folder);
	}

	@BeforeEach
	void installTheFirstTwoReleases() {
		this.releases.idle().startAndStop();
		this.releases.insert(1, 3_000);
		this.releases.second().idle().startAndStop();
		this.releases.third();
	}

	@AfterEach
	void closeLog() {
		this.log.close();
	}

	private String refusal(Replica replica) {
		Throwable failure = NestedExceptionUtils.getMostSpecificCause(catchThrowable(replica::startAndStop));
		assertThat(failure).isInstanceOf(UpgradeRefusedException.class);
		return String.valueOf(failure.getMessage());
	}

	private int passEnds() {
		return (int) this.log.messages().stream().filter((line) -> line.contains("another one begins")).count();
	}

	private int pass() {
		return Integer.parseInt(this.database.value("SELECT pass FROM flyway_schema_history_background"));
	}

	/** Inserts rows one by one, as pods of a release do that does not know the column. */
	private Background<Integer> insertUntil(AtomicBoolean stopped) {
		return Background.start(() -> {
			int row = 10_000;
			while (!stopped.get()) {
				row++;
				this.releases.insert(row, row);
			}
			return row;
		});
	}

	@Test
	void whoeverKeepsWritingFillsNoLog() throws Exception {
		AtomicBoolean stopped = new AtomicBoolean();
		Background<Integer> writer = insertUntil(stopped);
		try (Connection other = this.database.inTransaction("SET application_name = 'the other'",
				"UPDATE customer SET last_name = 'x' WHERE id = 7")) {
			assertThat(refusal(this.releases.idle().with("headlock.background.finalize-within", "3s")))
				.contains("something still writes rows in the old form");
		}
		finally {
			stopped.set(true);
			writer.result();
		}
		assertThat(passEnds()).isOne();
		assertThat(pass()).isLessThan(30);
	}

	@Test
	void nobodyWaitsBetweenPassesWithNothingInTheWay() {
		this.releases.idle().startAndStop();
		assertThat(pass()).isEqualTo(2);
		assertThat(passEnds()).isOne();
	}

}
