package io.github.headlock;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.ExitCodeGenerator;

/**
 * Root of the exceptions with which Headlock ends a start. Each has the exit code of the
 * process.
 */
public abstract class HeadlockException extends RuntimeException implements ExitCodeGenerator {

	private static final long serialVersionUID = 1L;

	private final int exitCode;

	/**
	 * Creates the exception.
	 * @param exitCode exit code of the process
	 * @param message what happened
	 * @param cause what caused it, {@code null} for nothing else
	 */
	protected HeadlockException(int exitCode, String message, @Nullable Throwable cause) {
		super(PrintableText.items(message), cause);
		this.exitCode = exitCode;
	}

	/**
	 * Returns what happened, and what it leaves behind.
	 * @return one or more sentences
	 */
	public @Nullable String getDescription() {
		return getMessage();
	}

	/**
	 * Returns what to do about it.
	 * @return one or more sentences, {@code null} if the cause of this exception says it
	 */
	public abstract @Nullable String getAction();

	@Override
	public int getExitCode() {
		return this.exitCode;
	}

}
