package io.github.headlock;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.ExitCodeGenerator;

/**
 * Root of the exceptions with which Headlock ends a start. Each carries the exit code of
 * the process.
 */
public abstract class HeadlockException extends RuntimeException implements ExitCodeGenerator {

	private static final long serialVersionUID = 1L;

	private final int exitCode;

	HeadlockException(int exitCode, String message, @Nullable Throwable cause) {
		super(message, cause);
		this.exitCode = exitCode;
	}

	@Override
	public int getExitCode() {
		return this.exitCode;
	}

}
