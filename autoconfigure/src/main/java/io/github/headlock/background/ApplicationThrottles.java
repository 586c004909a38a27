package io.github.headlock.background;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

import io.github.headlock.BackgroundThrottle;
import io.github.headlock.PrintableText;
import io.github.headlock.waiting.Stopwatch;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the throttles of the application. One that fails holds, because it may have had a
 * reason. To be used by one thread.
 */
final class ApplicationThrottles {

	private static final Logger logger = LoggerFactory.getLogger(ApplicationThrottles.class);

	private static final String ALL = "";

	/** It is asked every two seconds. */
	private static final Duration LONGEST_ANSWER = Duration.ofSeconds(30);

	private final ThrottleBeans beans;

	private final Duration longestAnswer;

	/** What each has failed with last, by their names. */
	private final Map<String, Class<?>> failures = new HashMap<>();

	ApplicationThrottles(ThrottleBeans beans) {
		this(beans, LONGEST_ANSWER);
	}

	/**
	 * Creates it.
	 * @param beans the throttles
	 * @param longestAnswer after which a throttle is interrupted
	 */
	ApplicationThrottles(ThrottleBeans beans, Duration longestAnswer) {
		this.beans = beans;
		this.longestAnswer = longestAnswer;
	}

	/** Asks one after the other, until one has a reason. */
	HoldReason ask(String migration) {
		for (String name : names(migration)) {
			String reason = name.equals(ALL) ? "the throttles of the application cannot be looked up"
					: ask(name, migration);
			if (reason != null) {
				return HoldReason.of(HoldKind.APPLICATION, reason);
			}
		}
		return HoldReason.none(HoldKind.APPLICATION);
	}

	private List<String> names(String migration) {
		try {
			List<String> names = this.beans.names();
			this.failures.remove(ALL);
			return names;
		}
		catch (RuntimeException | Error ex) {
			warn(ALL, migration, ex);
			return List.of(ALL);
		}
	}

	private @Nullable String ask(String name, String migration) {
		CodeTimeout timeout = new CodeTimeout("headlock-throttle-timeout", this.longestAnswer,
				() -> warnOfSilence(name, migration));
		try (timeout) {
			Optional<BackgroundThrottle> throttle = this.beans.find(name);
			String reason = throttle.isPresent() ? throttle.get().reasonToHold(migration) : null;
			this.failures.remove(name);
			return (reason != null) ? String.format(Locale.ROOT, "%s (throttle \"%s\")", PrintableText.line(reason),
					PrintableText.name(name)) : null;
		}
		// also what Kotlin throws undeclared, and a class that an optional library lacks
		catch (Exception | Error ex) {
			warn(name, migration, ex);
			// without the message, which not everybody may read who may read the table
			return String.format(Locale.ROOT, "the throttle \"%s\" has failed: %s", PrintableText.name(name),
					ex.getClass().getSimpleName());
		}
		finally {
			forgetInterrupt();
		}
	}

	/** The thread goes on, unless it was told to end in another way, too. */
	@SuppressWarnings("ResultOfMethodCallIgnored")
	private static void forgetInterrupt() {
		Thread.interrupted();
	}

	private void warnOfSilence(String name, String migration) {
		logger
			.warn("Background migration \"{}\": the throttle \"{}\" has not answered within {}, so it is interrupted; "
					+ "nothing is worked on before", migration, name, Stopwatch.seconds(this.longestAnswer));
	}

	private void warn(String name, String migration, Throwable failure) {
		if (this.failures.put(name, failure.getClass()) != failure.getClass()) {
			logger.warn("Background migration \"{}\": {} failed, so it holds until the throttle answers again",
					migration,
					name.equals(ALL) ? "looking up the application's throttles" : "the throttle \"" + name + '"',
					failure);
		}
	}

}
