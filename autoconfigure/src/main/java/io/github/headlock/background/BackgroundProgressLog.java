package io.github.headlock.background;

import java.util.HashMap;
import java.util.Map;

import io.github.headlock.waiting.Stopwatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says in the log of this process how far background migrations are: when it begins to
 * work on one, about every minute, and when one has failed.
 */
final class BackgroundProgressLog {

	private static final Logger logger = LoggerFactory.getLogger(BackgroundProgressLog.class);

	private static final long INTERVAL_SECONDS = 60;

	private final Map<String, Stopwatch> reports = new HashMap<>();

	private final Map<String, BackgroundState> states = new HashMap<>();

	/** To be told of each look at the state of one that this process works on. */
	void worksOn(Progress progress, Effect effect, double load) {
		Stopwatch last = this.reports.get(progress.name());
		if (last == null) {
			logger.info("Background migration \"{}\": this process works on it; {}", progress.name(),
					Estimate.of(progress, effect, load).describe());
		}
		else if (last.elapsed().toSeconds() >= INTERVAL_SECONDS) {
			logger.info("Background migration \"{}\": {}", progress.name(),
					Estimate.of(progress, effect, load).describe());
		}
		else {
			return;
		}
		this.reports.put(progress.name(), new Stopwatch());
	}

	/** To be told of each look at the state of one. */
	void sees(Progress progress) {
		BackgroundState before = this.states.put(progress.name(), progress.state());
		if (progress.state() == BackgroundState.FAILED && before != BackgroundState.FAILED) {
			logger.error(
					"Background migration \"{}\": failed, and is not worked on until it is set to running again: {}",
					progress.name(), progress.lastError());
		}
		else if (progress.state() == BackgroundState.PAUSED && before != BackgroundState.PAUSED) {
			logger.info("Background migration \"{}\": paused, last changed by {}", progress.name(),
					progress.updatedBy());
		}
	}

}
