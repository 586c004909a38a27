package io.github.headlock.background;

import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;

import io.github.headlock.HeadlockException;
import io.github.headlock.PrintableText;
import org.jspecify.annotations.Nullable;

/**
 * Thrown when a start was to finish the background migrations of its release
 * ({@code headlock.background.finish}) and could not: the time was over, or nobody works
 * on one of them until something is done about it. The schema was at head, and what was
 * done of the background migrations stays. Exit code 15.
 */
public class BackgroundUnfinishedException extends HeadlockException {

	private static final long serialVersionUID = 1L;

	private final String[] names;

	private final Duration waited;

	private final String action;

	/**
	 * Creates the exception.
	 * @param problem what happened, without a full stop
	 * @param unfinished what is known of each one that is not finished
	 * @param names names of those that are not finished
	 * @param waited time from the beginning
	 * @param action what to do about it, one or more sentences
	 * @param cause what caused it, {@code null} for nothing else
	 */
	public BackgroundUnfinishedException(String problem, List<String> unfinished, List<String> names, Duration waited,
			String action, @Nullable Throwable cause) {
		super(15,
				PrintableText.line(problem) + unfinished.stream()
					.map((line) -> "\n  - " + PrintableText.line(line))
					.collect(Collectors.joining("", unfinished.isEmpty() ? "" : ":", "")),
				cause);
		this.names = names.stream().map(PrintableText::name).toArray(String[]::new);
		this.waited = waited;
		this.action = PrintableText.line(action);
	}

	/**
	 * Returns which background migrations are not finished.
	 * @return their names
	 */
	public List<String> getNames() {
		return List.of(this.names);
	}

	/**
	 * Returns how long the start has worked on them, or waited for others to do so.
	 * @return the time
	 */
	public Duration getWaited() {
		return this.waited;
	}

	@Override
	public String getDescription() {
		return getMessage() + "\nThe schema was at head, and what was done of the background migrations stays.";
	}

	@Override
	public String getAction() {
		return this.action;
	}

}
