package io.github.headlock.roles;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

import io.github.headlock.HeadlockException;
import org.jspecify.annotations.Nullable;

/**
 * Thrown when the application's roles cannot be blocked for a migration, with every check
 * that failed. Nothing was changed. Exit code 12.
 */
public class RolesNotBlockableException extends HeadlockException {

	private static final long serialVersionUID = 1L;

	private final PreflightFailure[] failures;

	/**
	 * Creates the exception.
	 * @param failures the checks that failed, at least one
	 * @param cause the driver's error, {@code null} if it was foreseen
	 */
	public RolesNotBlockableException(List<PreflightFailure> failures, @Nullable Throwable cause) {
		super(12, message(failures), cause);
		this.failures = failures.toArray(new PreflightFailure[0]);
	}

	private static String message(List<PreflightFailure> failures) {
		StringBuilder text = new StringBuilder("The application's roles cannot be blocked for the migration:");
		failures.forEach((failure) -> text.append("\n  - ").append(failure.problem()));
		return text.toString();
	}

	/**
	 * Returns the checks that failed.
	 * @return the checks, at least one
	 */
	public List<PreflightFailure> getFailures() {
		return List.of(this.failures);
	}

	@Override
	public String getDescription() {
		return getMessage() + "\nNo role was changed, and no migration was run.";
	}

	@Override
	public String getAction() {
		return Arrays.stream(this.failures)
			.map((failure) -> "\n  - " + failure.remedy())
			.distinct()
			.collect(Collectors.joining("", "Ask an administrator to do the following, then restart:", ""));
	}

}
