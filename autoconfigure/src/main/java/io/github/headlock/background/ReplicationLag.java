package io.github.headlock.background;

import java.time.Duration;
import java.util.Locale;

import io.github.headlock.waiting.Stopwatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says whether a standby is too far behind. A role that may not see the lag is told what
 * the slots of standbys retain, which makes a time by the highest rate of WAL that this
 * process has measured: the present one is low while everybody holds. To be used by one
 * thread.
 */
final class ReplicationLag {

	private static final Logger logger = LoggerFactory.getLogger(ReplicationLag.class);

	/**
	 * As much may be retained without any lag, such as by a client that archives whole
	 * segments: four of the usual size.
	 */
	static final long ALWAYS_RETAINED = 64L * 1024 * 1024;

	private static final String PROPERTY = "headlock.background.max-replication-lag";

	private final Duration longest;

	private boolean told;

	ReplicationLag(Duration longest) {
		this.longest = longest;
	}

	boolean isWatched() {
		return !this.longest.isZero();
	}

	HoldReason reason(String migration, HoldSignals signals, WalRate wal) {
		if (!isWatched()) {
			return HoldReason.none(HoldKind.REPLICATION_LAG);
		}
		Duration lag = signals.lag();
		if (lag != null) {
			return tooLong(lag, String.format(Locale.ROOT, "the standby \"%s\" is %s behind", signals.standby(),
					Stopwatch.seconds(lag)));
		}
		return signals.lagIsHidden() ? ofSlots(migration, signals, wal) : HoldReason.none(HoldKind.REPLICATION_LAG);
	}

	private HoldReason ofSlots(String migration, HoldSignals signals, WalRate wal) {
		Long retained = signals.retained();
		tell(migration, signals);
		if (retained == null || retained <= ALWAYS_RETAINED) {
			return HoldReason.none(HoldKind.REPLICATION_LAG);
		}
		if (wal.highest() == 0) {
			return HoldReason.unknown(HoldKind.REPLICATION_LAG);
		}
		Duration lag = Duration.ofMillis((long) (retained * 1000 / wal.highest()));
		return tooLong(lag, String.format(Locale.ROOT,
				"a standby is %s of WAL behind, for which this server needs %s at %s a second",
				WalRate.megabytes((double) retained), Stopwatch.seconds(lag), WalRate.megabytes(wal.highest())));
	}

	private HoldReason tooLong(Duration lag, String reason) {
		return (lag.compareTo(this.longest) <= 0) ? HoldReason.none(HoldKind.REPLICATION_LAG) : HoldReason.of(
				HoldKind.REPLICATION_LAG,
				String.format(Locale.ROOT, "%s, more than %s, %s", reason, PROPERTY, Stopwatch.seconds(this.longest)));
	}

	private void tell(String migration, HoldSignals signals) {
		if (!this.told) {
			this.told = true;
			logger.info(
					"Background migration \"{}\": {} does not see how far standbys are behind. {}. To let it see that: "
							+ "GRANT pg_monitor TO {}",
					migration, signals.role(),
					(signals.retained() != null) ? "It is estimated by what their replication slots retain"
							: "They have no replication slots to estimate it by, so it is not watched",
					signals.role());
		}
	}

}
