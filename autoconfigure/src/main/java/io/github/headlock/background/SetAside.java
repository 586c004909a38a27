package io.github.headlock.background;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

import io.github.headlock.jdbc.RootCause;
import io.github.headlock.waiting.Stopwatch;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Knows which background migrations are not worked on for a while because they have
 * failed in a way that says nothing of a batch, longer each time in a row. To be used by
 * one thread.
 */
final class SetAside {

	private static final Logger logger = LoggerFactory.getLogger(SetAside.class);

	private static final Duration LONGEST = Duration.ofMinutes(1);

	private final Map<String, Failures> failures = new LinkedHashMap<>();

	/**
	 * Sets one aside.
	 * @param name its name
	 * @param failure what it has failed with
	 * @param isTold whether somebody else tells of it
	 */
	void add(String name, Exception failure, boolean isTold) {
		Failures before = this.failures.get(name);
		Failures now = new Failures((before != null) ? before.number() + 1 : 1, new Stopwatch(), failure);
		this.failures.put(name, now);
		Level level = (isTold || before != null) ? Level.DEBUG : Level.WARN;
		logger.atLevel(level)
			.log("Background migration \"{}\": not worked on for {}, while others are, because it has failed: {}", name,
					Stopwatch.seconds(now.pause()), RootCause.describe(failure));
	}

	/** To be told of each success. */
	void remove(String name) {
		if (this.failures.remove(name) != null) {
			logger.info("Background migration \"{}\": goes on", name);
		}
	}

	boolean isAside(String name) {
		return left(name).compareTo(Duration.ZERO) > 0;
	}

	/** For how long it is not to be worked on. */
	Duration left(String name) {
		Failures found = this.failures.get(name);
		return (found != null) ? found.pause().minus(found.since().elapsed()) : Duration.ZERO;
	}

	/** Why one is set aside, {@code null} if none is. */
	@Nullable Exception failure() {
		return this.failures.values().stream().map(Failures::last).findFirst().orElse(null);
	}

	/**
	 * Failures of one.
	 *
	 * @param number how many there were in a row
	 * @param since runs from the last one
	 * @param last the last one
	 */
	private record Failures(int number, Stopwatch since, Exception last) {

		Duration pause() {
			Duration pause = BackgroundRunner.AFTER_FAILURE.multipliedBy(1L << Math.min(this.number - 1, 10));
			return (pause.compareTo(LONGEST) < 0) ? pause : LONGEST;
		}

	}

}
