package io.github.headlock.background;

import java.time.Duration;
import java.util.Locale;

import io.github.headlock.waiting.Stopwatch;
import org.jspecify.annotations.Nullable;

import org.springframework.util.unit.DataSize;

/**
 * Measures how much WAL the server writes between two looks of this process. To be used
 * by one thread.
 */
final class WalRate {

	private static final Duration SHORTEST = Duration.ofMillis(200);

	/** The mean of a longer time says little about now. */
	private static final Duration LONGEST = Duration.ofMinutes(1);

	private static final Duration SHORTEST_PAUSE = Duration.ofMillis(500);

	private static final double MEGABYTE = 1024 * 1024;

	private @Nullable Long position;

	private Stopwatch sinceLook = new Stopwatch();

	private Duration measured = Duration.ZERO;

	/** Bytes of a second, {@code null} if they are not known. */
	private @Nullable Double rate;

	private double highest;

	/**
	 * Takes note of a position.
	 * @param now the position in bytes, {@code null} on a standby
	 */
	void see(@Nullable Long now) {
		Duration elapsed = this.sinceLook.elapsed();
		Long before = this.position;
		if (before != null && now != null && elapsed.compareTo(SHORTEST) < 0) {
			return;
		}
		this.rate = (before != null && now != null && elapsed.compareTo(LONGEST) <= 0)
				? Double.valueOf((now - before) * 1e9 / elapsed.toNanos()) : null;
		this.measured = elapsed;
		this.highest = (this.rate != null) ? Math.max(this.highest, this.rate) : this.highest;
		this.position = now;
		this.sinceLook = new Stopwatch();
	}

	/**
	 * Says whether too much is written. The pause makes up for that.
	 * @param most bytes of a second, {@code null} for any
	 */
	HoldReason reason(@Nullable DataSize most) {
		Double rate = this.rate;
		if (most == null) {
			return HoldReason.none(HoldKind.WAL_RATE);
		}
		if (rate == null) {
			return HoldReason.unknown(HoldKind.WAL_RATE);
		}
		if (rate <= most.toBytes()) {
			return HoldReason.none(HoldKind.WAL_RATE);
		}
		Duration pause = Duration.ofMillis((long) (this.measured.toMillis() * (rate / most.toBytes() - 1)));
		return HoldReason.of(HoldKind.WAL_RATE,
				String.format(Locale.ROOT,
						"the server writes %s of WAL a second, more than headlock.background.max-wal-rate, %s",
						megabytes(rate), megabytes((double) most.toBytes())),
				between(SHORTEST_PAUSE, pause, HoldReason.PAUSE));
	}

	private static Duration between(Duration shortest, Duration pause, Duration longest) {
		Duration atLeast = (pause.compareTo(shortest) < 0) ? shortest : pause;
		return (atLeast.compareTo(longest) < 0) ? atLeast : longest;
	}

	static String megabytes(double bytes) {
		return String.format(Locale.ROOT, "%.1f MB", bytes / MEGABYTE);
	}

	/** The highest rate that was measured, bytes of a second; 0 for none. */
	double highest() {
		return this.highest;
	}

}
