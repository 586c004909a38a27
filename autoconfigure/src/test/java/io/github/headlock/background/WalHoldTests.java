package io.github.headlock.background;

import java.time.Duration;

import io.github.headlock.test.TestDatabase;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Background migrations of a server that writes much WAL, or whose standbys cannot be
 * seen.
 */
@Tag("every-postgresql")
class WalHoldTests {

	private static final ThrottleSettings SETTINGS = Holds.settings(Duration.ZERO, "1MB");

	private final TestDatabase database = TestDatabase.create();

	private final Holds holds;

	WalHoldTests() throws Exception {
		this.holds = new Holds(this.database);
	}

	@Test
	void whileTooMuchIsWrittenItHolds() throws Exception {
		BackgroundWork process = this.holds.process(SETTINGS);
		assertThat(this.holds.holds(process)).as("nothing is measured yet").isFalse();
		await().until(() -> {
			this.database.execute("SELECT count(pg_logical_emit_message(false, 'test', repeat('x', 1000000))) "
					+ "FROM generate_series(1, 8)");
			return this.holds.holds(process);
		});
		assertThat(this.holds.because()).matches("the server writes \\d+\\.\\d MB of WAL a second, more than "
				+ "headlock.background.max-wal-rate, 1\\.0 MB");
		assertThat(this.holds.column("hold_kind")).isEqualTo("wal rate");
		this.holds.expire();
		assertThat(this.holds.holds(this.holds.process(SETTINGS))).as("another process has not measured it").isTrue();
		await().until(() -> {
			this.holds.expire();
			return !this.holds.holds(process);
		});
		assertThat(this.holds.because()).isNull();
	}

	@Test
	void withoutALimitAnyRateIsAllowed() {
		WalRate wal = new WalRate();
		wal.see(0L);
		await().until(() -> {
			wal.see(Long.MAX_VALUE);
			return wal.highest() > 0;
		});
		assertThat(wal.reason(null).isReason()).isFalse();
		assertThat(wal.reason(SETTINGS.maxWalRate())).satisfies((reason) -> {
			assertThat(reason.isReason()).isTrue();
			assertThat(reason.pause()).isEqualTo(Duration.ofSeconds(10));
		});
		wal.see(null);
		assertThat(wal.reason(SETTINGS.maxWalRate()).isGone()).as("of a standby it is not known").isFalse();
	}

	@Test
	void withoutFiguresAndSlotsThereIsNothingToHoldFor() {
		HoldReason reason = new ReplicationLag(Duration.ofMillis(1)).reason("backfill",
				new HoldSignals(null, 0, 1L, null, null, true, null, "shop"), new WalRate());
		assertThat(reason.isGone()).isTrue();
	}

}
