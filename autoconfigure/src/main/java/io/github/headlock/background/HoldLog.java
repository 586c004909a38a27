package io.github.headlock.background;

import java.time.Duration;

import io.github.headlock.waiting.Stopwatch;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Says in the log of this process when a background migration holds and goes on. One that
 * does so again and again within a minute is not told of each time.
 */
final class HoldLog {

	private static final Logger logger = LoggerFactory.getLogger(HoldLog.class);

	private static final Duration INTERVAL = Duration.ofSeconds(60);

	private final String name;

	/** Since the last line that everybody sees. */
	private @Nullable Stopwatch sinceLine;

	/** Since it is known to hold, {@code null} if it does not. */
	private @Nullable Stopwatch sinceBegin;

	private Duration before = Duration.ZERO;

	private Level level = Level.INFO;

	HoldLog(String name) {
		this.name = name;
	}

	/**
	 * To be told of each look at one that holds.
	 * @param reason the reason
	 * @param lasts time since the begin of the hold
	 */
	void holds(String reason, Duration lasts) {
		if (this.sinceBegin == null) {
			this.sinceBegin = new Stopwatch();
			this.before = lasts;
			this.level = isDue() ? Level.INFO : Level.DEBUG;
			logger.atLevel(this.level).log("Background migration \"{}\": held: {}", this.name, reason);
			lineWritten();
		}
		else if (isDue()) {
			this.level = Level.INFO;
			logger.info("Background migration \"{}\": held for {}: {}", this.name, Amounts.duration(lasts), reason);
			lineWritten();
		}
	}

	/** To be told of each look at one that does not hold. */
	void goesOn() {
		Stopwatch hold = this.sinceBegin;
		if (hold != null) {
			logger.atLevel(this.level)
				.log("Background migration \"{}\": goes on after it was held for {}", this.name,
						Amounts.duration(hold.elapsed().plus(this.before)));
			this.sinceBegin = null;
			lineWritten();
		}
	}

	private boolean isDue() {
		return this.sinceLine == null || this.sinceLine.elapsed().compareTo(INTERVAL) >= 0;
	}

	private void lineWritten() {
		if (this.level == Level.INFO) {
			this.sinceLine = new Stopwatch();
		}
	}

	/** To be told when its state changes. */
	void forget() {
		this.sinceBegin = null;
	}

	/** To be told when a kind has lasted too long. */
	void ends(HoldReason reason) {
		logger.warn("Background migration \"{}\": held for {}, the longest for this reason, which does not count again "
				+ "until it was gone once: {}", this.name, Amounts.duration(Hold.LONGEST), reason.text());
	}

}
